import django.db.models as models
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations


class Migration(migrations.Migration):
    """Let a pause of a subscription have an end and a reason."""

    dependencies = [("billing", "0015_failed_payments")]

    operations = [
        migrations.AddField(
            "subscription",
            "paused_until",
            models.DateField(editable=False, null=True, verbose_name="paused until"),
        ),
        migrations.AddField(
            "subscription",
            "pause_reason",
            models.CharField(
                blank=True,
                db_default="",
                default="",
                editable=False,
                max_length=500,
                verbose_name="paused because",
            ),
        ),
        migrations.AddField(
            "subscriptionpause",
            "reason",
            models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=500,
                verbose_name="paused because",
            ),
        ),
        AddConstraintNotValid(
            "subscription",
            models.CheckConstraint(
                condition=models.Q(
                    ("paused_at__isnull", False),
                    models.Q(("pause_reason", ""), ("paused_until__isnull", True)),
                    _connector="OR",
                ),
                name="subscription_pause_has_begun",
            ),
        ),
    ]
