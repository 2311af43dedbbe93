from django.db import migrations

from config.server.operations import RunSqlFiles
from config.tenancy.operations import GrantExecute


class Migration(migrations.Migration):
    """Let the undoing of a merge empty what the merge noted of one person beside the other."""

    dependencies = [("customers", "0022_merges_are_held")]

    operations = [
        RunSqlFiles("sql/merges.sql"),
        GrantExecute("customers_forget_merge(uuid, text[])"),
    ]
