"""Our tables, as the models of another project would describe them."""

from django.db import models


class Customer(models.Model):
    id = models.UUIDField(primary_key=True)
    company_id = models.UUIDField()
    first_name = models.CharField(max_length=200, blank=True)
    last_name = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=60, blank=True)
    phone_e164 = models.CharField(max_length=20, blank=True)
    preferences = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)
    archived_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "customers_customer"


class Address(models.Model):
    id = models.UUIDField(primary_key=True)
    customer = models.ForeignKey(Customer, models.DO_NOTHING, related_name="addresses")
    label = models.CharField(max_length=100, blank=True)
    street = models.CharField(max_length=300, blank=True)
    city = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=120, blank=True)
    postal_code = models.CharField(max_length=30, blank=True)
    access_notes = models.TextField(blank=True)
    is_default = models.BooleanField()
    archived_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "customers_address"


class Booking(models.Model):
    id = models.UUIDField(primary_key=True)
    customer = models.ForeignKey(Customer, models.DO_NOTHING)
    starts_at = models.DateTimeField()
    status = models.CharField(max_length=20)

    class Meta:
        managed = False
        db_table = "bookings_booking"


class Payment(models.Model):
    id = models.UUIDField(primary_key=True)
    customer = models.ForeignKey(Customer, models.DO_NOTHING)
    signed_amount = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "billing_payment"


class Plan(models.Model):
    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=200)

    class Meta:
        managed = False
        db_table = "billing_plan"


class Subscription(models.Model):
    id = models.UUIDField(primary_key=True)
    customer = models.ForeignKey(Customer, models.DO_NOTHING, related_name="subscriptions")
    plan = models.ForeignKey(Plan, models.DO_NOTHING)
    state = models.CharField(max_length=20)
    renewal_date = models.DateField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "billing_subscription"


class Coupon(models.Model):
    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    code = models.CharField(max_length=60)

    class Meta:
        managed = False
        db_table = "credits_coupon"


class CreditFields(models.Model):
    """The columns that the API shows of a credit."""

    coupon = models.ForeignKey(Coupon, models.DO_NOTHING, db_constraint=False)
    customer = models.ForeignKey(Customer, models.DO_NOTHING, db_constraint=False)
    subscription_id = models.UUIDField(null=True)
    multi_use = models.BooleanField(default=False)
    times_redeemed = models.IntegerField(default=0)
    expires_at = models.DateTimeField(null=True)
    redeemed_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revenue = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, default="GBP")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class Credit(CreditFields):
    id = models.UUIDField(primary_key=True)

    class Meta:
        managed = False
        db_table = "credits_credit"


class PlainCredit(CreditFields):
    """A separate table to create rows in, without ledger, outbox and audit log."""
