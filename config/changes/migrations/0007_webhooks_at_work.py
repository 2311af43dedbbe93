from pathlib import Path

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("changes", "0006_secret_columns"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="webhookdelivery", name="webhook_delivery_due"),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(
                condition=models.Q(("state", "pending")),
                fields=["endpoint", "next_at"],
                name="webhook_delivery_due",
            ),
        ),
        migrations.RunSQL(
            Path(__file__).with_name("webhooks.sql").read_text(),
            "DROP FUNCTION changes_webhooks_at_work()",
        ),
    ]
