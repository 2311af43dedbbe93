from django.db import migrations

from config.server.operations import RunSqlFiles


class Migration(migrations.Migration):
    """Define functions and triggers from the files that hold them from now on."""

    atomic = False

    dependencies = [("changes", "0011_ends")]

    operations = [
        RunSqlFiles("sql/change_feed.sql", "sql/webhooks.sql"),
    ]
