from django.db import migrations

from config.server.operations import RunSqlFiles, ValidateConstraint


class Migration(migrations.Migration):
    """Count what is covered and reduced towards an invoice, as payments are."""

    atomic = False

    dependencies = [("billing", "0011_prices_hold")]

    operations = [
        RunSqlFiles("sql/invoices.sql", "sql/payments.sql"),
        ValidateConstraint("invoice", "invoice_settled_in_part"),
    ]
