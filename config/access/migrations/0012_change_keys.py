from django.contrib.postgres.functions import RandomUUID
from django.db import migrations, models


class Migration(migrations.Migration):
    """Give companies a key of their own, which new ones get by themselves."""

    dependencies = [
        ("access", "0011_attempt_counts"),
        ("changes", "0010_company_keys_are_hidden"),
    ]

    operations = [
        migrations.AddField("company", "change_key", models.UUIDField(editable=False, null=True)),
        migrations.RunSQL(
            "ALTER TABLE access_company ALTER change_key SET DEFAULT gen_random_uuid()",
            "ALTER TABLE access_company ALTER change_key DROP DEFAULT",
            state_operations=[
                migrations.AlterField(
                    "company",
                    "change_key",
                    models.UUIDField(db_default=RandomUUID(), editable=False, null=True),
                )
            ],
        ),
    ]
