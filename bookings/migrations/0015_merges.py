from django.db import migrations

from config.tenancy.operations import Grant


class Migration(migrations.Migration):
    """Let purchases and late cancellations follow a customer that is merged."""

    dependencies = [("bookings", "0014_called_sold"), ("customers", "0015_merges")]

    operations = [
        Grant(["UPDATE (customer_id)"], "bookings_transaction", "bookings_latecancellation"),
    ]
