from django.db import migrations

from config.access.operations import Grant


class Migration(migrations.Migration):

    dependencies = [
        ("changes", "0008_one_look_each"),
    ]

    operations = [
        Grant(["DELETE"], "changes_webhookdelivery", "changes_webhookattempt"),
    ]
