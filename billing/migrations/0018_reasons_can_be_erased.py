from django.db import migrations

from config.server.operations import RunSqlFiles
from config.tenancy.operations import Grant


class Migration(migrations.Migration):
    """Let the erasure of a person empty the reasons of payments and pauses."""

    dependencies = [("billing", "0017_pauses_that_end")]

    operations = [
        RunSqlFiles("sql/payments.sql", "sql/pauses.sql"),
        Grant(["UPDATE (reason)"], "billing_payment", "billing_subscriptionpause"),
    ]
