from django.db import migrations

from config.server.operations import RunSqlFiles
from config.tenancy.operations import GrantExecute


class Migration(migrations.Migration):
    """Drop what only workers of a release before the last one called.

    Workers of the last release call `access_admit` without an expected company.
    """

    dependencies = [("access", "0024_client_created_at")]

    operations = [
        migrations.RunSQL(
            "DROP FUNCTION IF EXISTS access_look(uuid, integer);"
            "DROP FUNCTION IF EXISTS access_admit(boolean, text, integer, integer, uuid)",
            migrations.RunSQL.noop,
        ),
        RunSqlFiles("sql/authentication.sql"),
        GrantExecute("access_admit(boolean, text, integer, integer)"),
    ]
