from django.db import migrations, models
from django.db.models.functions import Now

from config.access.operations import Grant


class Migration(migrations.Migration):
    initial = True

    dependencies = [("access", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="KeyFingerprint",
            fields=[
                (
                    "fingerprint",
                    models.CharField(
                        max_length=64,
                        primary_key=True,
                        serialize=False,
                        verbose_name="fingerprint",
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=Now(), verbose_name="created at")),
                ("retired_at", models.DateTimeField(null=True, verbose_name="retired at")),
            ],
            options={
                "verbose_name": "secret key fingerprint",
                "verbose_name_plural": "secret key fingerprints",
            },
        ),
        Grant(["SELECT", "INSERT", "UPDATE"], "server_keyfingerprint"),
    ]
