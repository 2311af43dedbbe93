from django.db import migrations

from config.server.operations import RunSqlFiles
from config.tenancy.operations import Grant


class Migration(migrations.Migration):
    """Let the erasure of a person empty the reasons of ledger entries."""

    dependencies = [("credits", "0019_ids_of_offerings")]

    operations = [
        RunSqlFiles("sql/ledger.sql"),
        Grant(["UPDATE (reason)"], "credits_entry"),
    ]
