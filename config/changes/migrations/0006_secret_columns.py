from django.db import migrations

from config.changes.operations import KeepChanges


class Migration(migrations.Migration):
    """Record changes of webhooks, whose column `secret` has the name of a variable in there."""

    dependencies = [
        ("changes", "0005_webhooks"),
    ]

    operations = [
        KeepChanges(
            "changes_webhookendpoint",
            ("position", "last_delivered_at", "failing_since"),
            secret=("secret", "previous_secret"),
        ),
    ]
