from django.db import migrations, models

from config.server.operations import AddIndexConcurrently


class Migration(migrations.Migration):
    """Find the first change since a moment by an index."""

    atomic = False

    dependencies = [("changes", "0013_audit_triggers")]

    operations = [
        AddIndexConcurrently(
            "change", models.Index(fields=["company", "at"], name="change_since")
        ),
    ]
