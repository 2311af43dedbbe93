from django.db import migrations

from config.access.operations import Revoke


class Migration(migrations.Migration):
    """Take back the DELETE right that `0009_messages_are_removed` granted.

    That migration landed and was removed again: databases that it ran on still had the right.
    """

    dependencies = [("changes", "0008_one_look_each")]

    operations = [Revoke(["DELETE"], "changes_webhookdelivery", "changes_webhookattempt")]
