from django.db import migrations

from config.tenancy.operations import Grant


class Migration(migrations.Migration):
    """Let purchases and late cancellations follow a customer that is merged."""

    dependencies = [("bookings", "0015_reasons_can_be_erased"), ("customers", "0021_merges")]

    operations = [
        Grant(["UPDATE (customer_id)"], "bookings_transaction", "bookings_latecancellation"),
    ]
