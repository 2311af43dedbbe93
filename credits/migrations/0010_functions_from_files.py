from django.db import migrations

from config.server.operations import RunSqlFiles


class Migration(migrations.Migration):
    """Define functions and triggers from the files that hold them from now on."""

    atomic = False

    dependencies = [("credits", "0009_without_last_day")]

    operations = [
        RunSqlFiles("sql/ledger.sql", "sql/previous_release.sql", "sql/today.sql"),
    ]
