from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, models

from config.server.operations import AddIndexConcurrently


class Migration(migrations.Migration):
    """Find the subscriptions whose pause is over."""

    atomic = False

    dependencies = [("billing", "0016_pause_until")]

    operations = [
        ValidateConstraint("subscription", "subscription_pause_has_begun"),
        AddIndexConcurrently(
            "subscription",
            models.Index(
                fields=["company", "paused_until"],
                name="subscription_pause_ends",
                condition=models.Q(("paused_until__isnull", False)),
            ),
        ),
    ]
