from pathlib import Path

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models


def sql(name):
    return migrations.RunSQL(Path(__file__).with_name(name).read_text(), migrations.RunSQL.noop)


class Migration(migrations.Migration):
    """Let staff find customers by external id, by how a number ends, and the likeliest first."""

    dependencies = [("customers", "0002_lists")]

    operations = [
        migrations.RemoveIndex("customer", "customer_words"),
        migrations.RemoveField("customer", "search_words"),
        sql("words.sql"),
        migrations.AddField(
            "customer",
            "search_words",
            models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    *map(models.F, ("company_id", "name", "first_name", "last_name", "email")),
                    *map(models.F, ("phone", "phone_e164", "phone_national", "external_id")),
                    function="customers_words",
                    output_field=django.contrib.postgres.search.SearchVectorField(),
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddIndex(
            "customer",
            django.contrib.postgres.indexes.GinIndex(
                fields=["search_words"], name="customer_words"
            ),
        ),
        migrations.AddIndex(
            "customer",
            models.Index(fields=["company", "display_name", "id"], name="customer_by_name"),
        ),
        sql("finding.sql"),
    ]
