from django.contrib.postgres.functions import RandomUUID
from django.db import migrations, models

from config.server.operations import Backfill, SetNotNull


class Migration(migrations.Migration):
    """Give the companies that were there before a change key."""

    atomic = False

    dependencies = [("access", "0012_change_keys")]

    operations = [
        Backfill(
            "access_company", "change_key = gen_random_uuid()", where="change_key IS NULL"
        ),
        SetNotNull(
            "company", "change_key", models.UUIDField(db_default=RandomUUID(), editable=False)
        ),
    ]
