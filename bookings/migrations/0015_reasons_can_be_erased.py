from django.db import migrations

from config.tenancy.operations import Grant


class Migration(migrations.Migration):
    """Let the erasure of a person empty the reasons of late cancellations."""

    dependencies = [("bookings", "0014_called_sold")]

    operations = [Grant(["UPDATE (reason)"], "bookings_latecancellation")]
