from django.db import migrations

from config.server.operations import RunSqlFiles


class Migration(migrations.Migration):
    """Define functions and triggers from the files that hold them from now on."""

    atomic = False

    dependencies = [("billing", "0007_lines_are_kept_whole")]

    operations = [
        RunSqlFiles("sql/dates.sql", "sql/invoices.sql", "sql/payments.sql", "sql/tax.sql"),
    ]
