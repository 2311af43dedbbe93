from django.db import migrations, models

from config.server.operations import AddIndexConcurrently


class Migration(migrations.Migration):
    """Find the payments that failed, for which something is still to be paid."""

    atomic = False

    dependencies = [("billing", "0014_lines_for_periods_are_held")]

    operations = [
        AddIndexConcurrently(
            "payment",
            models.Index(
                fields=["company", "customer"],
                name="payment_failed",
                condition=models.Q(("status", "failed")),
            ),
        ),
    ]
