import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

import config.tenancy.ids
import config.tenancy.models
import customers.models.finding
from config.changes.operations import KeepChanges
from config.server.operations import RunSqlFiles
from config.tenancy.operations import GrantExecute, ProtectTable

BIRTHDAY = (
    r"^([0-9]{4}|-)-"
    r"((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    r"|02-(0[1-9]|1[0-9]|2[0-9]))$"
)


class Migration(migrations.Migration):
    """Keep tags, the birthday and further ways to reach a customer."""

    dependencies = [
        ("customers", "0012_with_email_is_granted"),
        ("access", "0020_money_rules_hold"),
        ("changes", "0015_event_types_by_their_new_names"),
    ]

    operations = [
        RunSqlFiles("sql/tags.sql"),
        migrations.AddField(
            "customer",
            "tags",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60),
                blank=True,
                db_default=[],
                default=list,
                size=None,
                verbose_name="tags",
            ),
        ),
        migrations.AddField(
            "customer",
            "birthday",
            models.CharField(
                blank=True, db_default="", default="", max_length=10, verbose_name="birthday"
            ),
        ),
        AddConstraintNotValid(
            "customer",
            models.CheckConstraint(
                condition=models.Q(
                    ("birthday", ""), ("birthday__regex", BIRTHDAY), _connector="OR"
                ),
                name="customer_birthday",
            ),
        ),
        AddConstraintNotValid(
            "customer",
            models.CheckConstraint(
                condition=models.Q(
                    ("tags", []),
                    customers.models.finding.AreTags("tags"),
                    _connector="OR",
                ),
                name="customer_tags",
            ),
        ),
        migrations.CreateModel(
            name="ContactPoint",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=config.tenancy.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="created at",
                    ),
                ),
                (
                    "archived_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="archived at"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("email", "e-mail"), ("phone", "phone")],
                        max_length=5,
                        verbose_name="kind",
                    ),
                ),
                (
                    "value",
                    models.CharField(
                        max_length=254, verbose_name="e-mail address or phone number"
                    ),
                ),
                ("label", models.CharField(blank=True, max_length=60, verbose_name="label")),
                ("phone_e164", models.CharField(blank=True, editable=False, max_length=20)),
                ("phone_national", models.CharField(blank=True, editable=False, max_length=20)),
                (
                    "company",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="access.company",
                    ),
                ),
                (
                    "customer",
                    config.tenancy.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contact_points",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "contact point",
                "verbose_name_plural": "contact points",
                "abstract": False,
            },
        ),
        RunSqlFiles("sql/contact_points.sql"),
        migrations.AddIndex(
            "contactpoint",
            models.Index(fields=["company", "customer", "id"], name="contact_point_of_customer"),
        ),
        migrations.AddIndex(
            "contactpoint",
            django.contrib.postgres.indexes.GinIndex(
                models.Func(
                    models.F("company"),
                    models.F("kind"),
                    models.F("value"),
                    models.F("phone_e164"),
                    models.F("phone_national"),
                    function="customers_point_words",
                ),
                name="contact_point_words",
                condition=models.Q(("archived_at__isnull", True)),
            ),
        ),
        migrations.AddConstraint(
            "contactpoint",
            models.UniqueConstraint(
                fields=("company", "id"), name="customers_contactpoint_company"
            ),
        ),
        migrations.AddConstraint(
            "contactpoint",
            models.UniqueConstraint(
                models.F("company"),
                models.F("customer"),
                models.F("kind"),
                django.db.models.functions.text.Lower("value"),
                condition=models.Q(("archived_at__isnull", True)),
                name="contact_point_once",
                violation_error_message="This customer has this contact point already.",
            ),
        ),
        migrations.AddConstraint(
            "contactpoint",
            models.CheckConstraint(
                condition=models.Q(
                    ("kind", "phone"),
                    models.Q(("kind", "email"), ("phone_e164", ""), ("phone_national", "")),
                    _connector="OR",
                ),
                name="contact_point_kind",
            ),
        ),
        migrations.AddConstraint(
            "contactpoint",
            models.CheckConstraint(
                condition=models.Q(
                    ("value", django.db.models.functions.text.Trim("value")),
                    models.Q(("value", ""), _negated=True),
                ),
                name="contact_point_value",
            ),
        ),
        ProtectTable("customers_contactpoint", {"customer_id": "customers_customer"}),
        KeepChanges("customers_contactpoint", customer="customer_id"),
        GrantExecute("customers_tagged(text)", "customers_reached(text)"),
        migrations.RunSQL(
            "REVOKE ALL ON FUNCTION customers_with_point(uuid, tsquery, integer) FROM PUBLIC",
            migrations.RunSQL.noop,
        ),
    ]
