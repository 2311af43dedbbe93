from django.db import migrations

from config.server.operations import RunSqlFiles
from config.tenancy.operations import Grant


class Migration(migrations.Migration):
    """Let invoices, payments and credit notes follow a customer that is merged."""

    dependencies = [("billing", "0018_reasons_can_be_erased"), ("customers", "0021_merges")]

    operations = [
        RunSqlFiles("sql/invoices.sql", "sql/payments.sql", "sql/credit_notes.sql"),
        Grant(
            ["UPDATE (customer_id)"], "billing_invoice", "billing_payment", "billing_creditnote"
        ),
    ]
