from django.db import migrations

from config.server.operations import RunSqlFiles


class Migration(migrations.Migration):
    """Define functions and triggers from the files that hold them from now on."""

    atomic = False

    dependencies = [("access", "0015_invited_at")]

    operations = [
        RunSqlFiles(
            "sql/authentication.sql",
            "sql/concurrency.sql",
            "sql/idempotency.sql",
            "sql/rate_limits.sql",
        ),
    ]
