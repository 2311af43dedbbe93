from django.db import migrations

from config.changes.operations import KeepChanges

CLIENT = (
    "hash_client_secret", "redirect_uris", "post_logout_redirect_uris", "client_type",
    "authorization_grant_type", "skip_authorization", "algorithm", "allowed_origins",
    "registration_source", "cimd_expires_at", "user_id", "updated", "last_used_at",
)


class Migration(migrations.Migration):
    """Make the audit triggers of all recorded tables from the template as it is now."""

    atomic = False

    dependencies = [
        ("changes", "0012_functions_from_files"),
        ("access", "0016_functions_from_files"),
        ("customers", "0010_functions_that_nothing_calls"),
        ("billing", "0008_functions_from_files"),
        ("credits", "0010_functions_from_files"),
        ("bookings", "0004_functions_from_files"),
    ]

    operations = [
        KeepChanges("access_company", ("change_key",), company="id"),
        KeepChanges("access_staff", ("last_login",), company="", secret=("password",)),
        KeepChanges("access_membership"),
        KeepChanges("access_apiclient", CLIENT, secret=("client_secret",)),
        KeepChanges("access_apikey", ("digest", "last_used_at")),
        KeepChanges("customers_customer", customer="id"),
        KeepChanges("customers_address", customer="customer_id"),
        KeepChanges("customers_customeruser", customer="customer_id"),
        KeepChanges("customers_note", customer="customer_id"),
        KeepChanges("customers_zone"),
        KeepChanges("billing_paymentmethod", customer="customer_id", secret=("token",)),
        KeepChanges("billing_plan"),
        KeepChanges("billing_subscription", customer="customer_id"),
        KeepChanges(
            "billing_subscriptionpause", customer=("subscription_id", "billing_subscription")
        ),
        KeepChanges("billing_invoice", customer="customer_id"),
        KeepChanges("billing_invoiceline", customer=("invoice_id", "billing_invoice")),
        KeepChanges("billing_payment", customer="customer_id"),
        KeepChanges("credits_coupon"),
        KeepChanges("credits_creditrule"),
        KeepChanges("credits_credit", ("expiry_date",), customer="customer_id"),
        KeepChanges("credits_passproduct"),
        KeepChanges("credits_passpurchase", ("expiry_date",), customer="customer_id"),
        KeepChanges(
            "credits_entry",
            customer=(("credit_id", "credits_credit"), ("purchase_id", "credits_passpurchase")),
        ),
        KeepChanges("bookings_service"),
        KeepChanges("bookings_facilitator"),
        KeepChanges("bookings_event"),
        KeepChanges("bookings_pricingoption"),
        KeepChanges("bookings_eventdate"),
        KeepChanges("bookings_transaction", customer="customer_id"),
        KeepChanges("bookings_booking", customer="customer_id"),
        KeepChanges("bookings_media"),
        KeepChanges("bookings_mediapurchase", customer="customer_id"),
        KeepChanges(
            "changes_webhookendpoint",
            ("position", "last_delivered_at", "failing_since"),
            secret=("secret", "previous_secret"),
        ),
    ]
