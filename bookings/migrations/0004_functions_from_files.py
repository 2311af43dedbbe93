from django.db import migrations

from config.server.operations import RunSqlFiles


class Migration(migrations.Migration):
    """Define functions and triggers from the files that hold them from now on."""

    atomic = False

    dependencies = [("bookings", "0003_in_order")]

    operations = [
        RunSqlFiles("sql/engagements.sql", "sql/spaces.sql"),
    ]
