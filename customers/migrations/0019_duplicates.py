import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import config.tenancy.ids
import config.tenancy.models
from config.server.operations import RunSqlFiles
from config.tenancy.operations import GrantExecute, ProtectTable

# They read rows of a company that the caller names.
ONLY_FOR_THE_OWNER = (
    "customers_traits(uuid, uuid)",
    "customers_sharing(uuid, text, text, tsquery, integer)",
    "customers_named(uuid, tsquery, integer)",
)


def beginning():
    return [
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
            "company",
            models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="access.company",
            ),
        ),
    ]


def customer(name):
    return config.tenancy.models.TenantForeignKey(
        db_constraint=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="customers.customer",
        verbose_name=name,
    )


class Migration(migrations.Migration):
    """Keep pairs of customers who are likely one person, and how far the search for them is."""

    dependencies = [
        ("customers", "0018_erased_customers_are_archived"),
        ("access", "0023_refuse_duplicates"),
        ("changes", "0016_contact_points_of_a_record"),
    ]

    operations = [
        migrations.CreateModel(
            "Duplicate",
            [
                *beginning(),
                ("customer", customer("customer")),
                ("other", customer("and")),
                ("score", models.PositiveSmallIntegerField(verbose_name="how likely")),
                (
                    "reasons",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), verbose_name="why"
                    ),
                ),
                (
                    "dismissed_at",
                    models.DateTimeField(
                        editable=False, null=True, verbose_name="not the same since"
                    ),
                ),
                (
                    "dismissed_by",
                    models.CharField(
                        blank=True,
                        editable=False,
                        max_length=255,
                        verbose_name="not the same, says",
                    ),
                ),
            ],
            options={
                "verbose_name": "likely duplicate",
                "verbose_name_plural": "likely duplicates",
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("company", "id"), name="customers_duplicate_company"
                    ),
                    models.UniqueConstraint(
                        fields=("company", "customer", "other"), name="duplicate_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("customer__lt", models.F("other"))),
                        name="duplicate_in_order",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["company", "-score", "-id"], name="duplicate_by_score")
                ],
            },
        ),
        migrations.CreateModel(
            "DuplicateSearch",
            [
                *beginning(),
                ("position", models.BigIntegerField()),
                ("scanned_to", models.UUIDField(null=True)),
                ("rules", models.PositiveSmallIntegerField()),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("company", "id"), name="customers_duplicatesearch_company"
                    ),
                    models.UniqueConstraint(
                        fields=("company",), name="duplicate_search_of_company"
                    ),
                ],
            },
        ),
        ProtectTable(
            "customers_duplicate",
            {"customer_id": "customers_customer", "other_id": "customers_customer"},
            ("SELECT", "INSERT", "UPDATE", "DELETE"),
        ),
        ProtectTable("customers_duplicatesearch"),
        RunSqlFiles("sql/traits.sql", "sql/likeness.sql", "sql/duplicates.sql"),
        GrantExecute("customers_likely(uuid, boolean)"),
        migrations.RunSQL(
            f"REVOKE ALL ON FUNCTION {', '.join(ONLY_FOR_THE_OWNER)} FROM PUBLIC",
            migrations.RunSQL.noop,
        ),
    ]
