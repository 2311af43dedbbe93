from django.db import migrations

from config.server.operations import RunSqlFiles
from config.tenancy.operations import Grant


class Migration(migrations.Migration):
    """Let purchases and late cancellations follow a customer that is merged."""

    dependencies = [("bookings", "0015_reasons_can_be_erased"), ("customers", "0021_merges")]

    operations = [
        RunSqlFiles("sql/kept.sql"),
        Grant(["UPDATE (customer_id)"], "bookings_transaction", "bookings_latecancellation"),
    ]
