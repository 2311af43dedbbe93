from django.db import migrations, models

from config.server.operations import AddIndexConcurrently, Backfill, RemoveIndexConcurrently

UNFINISHED = models.Q(
    ("redeemed_at__isnull", True), ("revoked_at__isnull", True), ("expired_at__isnull", True)
)
TABLES = ("credits_credit", "credits_passpurchase")


class Migration(migrations.Migration):
    """Let each last day become the end of that day in the time zone of its company."""

    atomic = False

    dependencies = [("credits", "0007_ends")]

    operations = [
        *(
            Backfill(
                table,
                "expires_at = credits_end_of_day(expiry_date, "
                f"(SELECT timezone FROM access_company WHERE id = {table}.company_id))",
                where="expires_at IS NULL AND expiry_date IS NOT NULL",
            )
            for table in TABLES
        ),
        AddIndexConcurrently(
            "credit",
            models.Index(fields=("company", "expires_at", "id"), name="credit_by_end"),
        ),
        AddIndexConcurrently(
            "credit",
            models.Index(
                fields=("company", "expires_at"),
                include=("entitlement", "currency", "balance"),
                name="credit_unfinished_by_end",
                condition=UNFINISHED,
            ),
        ),
        RemoveIndexConcurrently("credit", "credit_by_last_day"),
        RemoveIndexConcurrently("credit", "credit_outstanding"),
    ]
