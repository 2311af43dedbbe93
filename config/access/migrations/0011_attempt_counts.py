import django.db.models.functions.datetime
from django.db import migrations, models

from config.access.operations import RUNTIME_RIGHTS, Grant


class Migration(migrations.Migration):

    dependencies = [
        ("access", "0010_read_with_admission"),
    ]

    operations = [
        migrations.CreateModel(
            name="AttemptCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("password", "Password"), ("code", "Code"), ("link", "Link")], max_length=10)),
                ("name", models.CharField(max_length=255)),
                ("address", models.GenericIPAddressField()),
                ("attempts", models.PositiveIntegerField()),
                ("latest_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["address"], name="attempts_by_address"),
                    models.Index(fields=["latest_at"], name="attempts_by_age"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "name", "address"), name="attempts_counted_once")
                ],
            },
        ),
        Grant((*RUNTIME_RIGHTS, "DELETE"), "access_attemptcount"),
    ]
