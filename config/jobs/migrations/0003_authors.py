import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q

import config.tenancy.models

ONE_AUTHOR = (
    Q(staff__isnull=False, client__isnull=True, key__isnull=True)
    | Q(staff__isnull=True, client__isnull=False, key__isnull=True)
    | Q(staff__isnull=True, client__isnull=True, key__isnull=False)
)
CREDENTIALS = {"client": ("access.apiclient", "access_apiclient"), "key": ("access.apikey", "access_apikey")}


def staff() -> models.ForeignKey:
    return models.ForeignKey(
        editable=False,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
        verbose_name="started by",
    )


def credential(name: str) -> config.tenancy.models.TenantForeignKey:
    return config.tenancy.models.TenantForeignKey(
        db_constraint=False,
        db_index=False,
        editable=False,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=CREDENTIALS[name][0],
    )


class Migration(migrations.Migration):
    """Let API clients and API keys start background work, and tell the lines of refused rows."""

    dependencies = [("jobs", "0002_sweep_failures"), ("access", "0020_money_rules_hold")]

    operations = [
        # AlterField would make the foreign key again, and look through the table for that.
        *(
            migrations.RunSQL(
                f"ALTER TABLE jobs_{model} ALTER COLUMN staff_id DROP NOT NULL",
                migrations.RunSQL.noop,
                state_operations=[migrations.AlterField(model, "staff", staff())],
            )
            for model in ("job", "storedfile")
        ),
        *(
            migrations.AddField(model, name, credential(name))
            for model in ("job", "storedfile")
            for name in CREDENTIALS
        ),
        *(
            migrations.AddField(
                "job",
                name,
                models.CharField(
                    blank=True, db_default="", default="", editable=False, max_length=longest
                ),
            )
            for name, longest in (("scope", 60), ("reason", 500))
        ),
        migrations.AddField("jobrefusal", "line", models.BigIntegerField(null=True)),
        *(
            migrations.RunSQL(
                f"ALTER TABLE jobs_{model} ADD CONSTRAINT jobs_{model}_{name}_id_is_there"
                f" FOREIGN KEY ({name}_id) REFERENCES {table} (id)"
                " DEFERRABLE INITIALLY DEFERRED NOT VALID",
                migrations.RunSQL.noop,
            )
            for model in ("job", "storedfile")
            for name, (_, table) in CREDENTIALS.items()
        ),
        AddConstraintNotValid("job", models.CheckConstraint(condition=ONE_AUTHOR, name="job_author")),
        AddConstraintNotValid(
            "storedfile", models.CheckConstraint(condition=ONE_AUTHOR, name="stored_file_author")
        ),
    ]
