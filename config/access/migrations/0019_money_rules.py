from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Add the refund limit of front desk, and the rule of late cancellation, to companies."""

    dependencies = [("access", "0018_prices_hold")]

    operations = [
        migrations.AddField(
            "company",
            "refund_limit",
            models.BigIntegerField("refund limit of front desk", blank=True, null=True),
        ),
        migrations.AddField(
            "company",
            "late_cancellation_hours",
            models.IntegerField("late cancellation", blank=True, null=True),
        ),
        migrations.AddField(
            "company",
            "late_cancellation_keeps",
            models.CharField(
                "what is kept",
                choices=[
                    ("visit", "what was paid for it: the visit, the credit or the money"),
                    ("fee", "a fee"),
                ],
                db_default="visit",
                default="visit",
                max_length=5,
            ),
        ),
        migrations.AddField(
            "company",
            "late_cancellation_fee",
            models.BigIntegerField("fee", db_default=0, default=0),
        ),
        AddConstraintNotValid(
            "company",
            models.CheckConstraint(
                condition=Q(refund_limit__gte=0), name="company_refund_limit_not_negative"
            ),
        ),
        AddConstraintNotValid(
            "company",
            models.CheckConstraint(
                condition=Q(
                    late_cancellation_keeps__in=["visit", "fee"], late_cancellation_fee__gte=0
                )
                & (
                    Q(late_cancellation_hours__isnull=True)
                    | Q(late_cancellation_hours__gte=1, late_cancellation_hours__lte=720)
                ),
                name="company_late_cancellation",
            ),
        ),
    ]
