from django.db import migrations

from config.server.operations import RunSqlFiles
from config.tenancy.operations import GrantExecute


class Migration(migrations.Migration):
    """Let the undoing of a merge empty what the merge noted of one person beside the other."""

    dependencies = [("customers", "0023_marks_without_an_erasure")]

    operations = [
        RunSqlFiles("sql/merges.sql"),
        GrantExecute("customers_forget_merge(uuid, text[])"),
    ]
