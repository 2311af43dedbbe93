import django.contrib.postgres.indexes
from django.db import migrations, models

from config.server.operations import AddIndexConcurrently, RunSqlFiles, ValidateConstraint


class Migration(migrations.Migration):
    """Hold tags and birthdays to their rules, and find customers by tags and contact points."""

    atomic = False

    dependencies = [("customers", "0013_tags_birthday_and_contact_points")]

    operations = [
        ValidateConstraint("customer", "customer_birthday"),
        ValidateConstraint("customer", "customer_tags"),
        AddIndexConcurrently(
            "customer",
            django.contrib.postgres.indexes.GinIndex(
                models.Func(
                    models.F("company"), models.F("tags"), function="customers_tag_keys"
                ),
                name="customer_tags",
                condition=models.Q(("tags", []), _negated=True),
            ),
        ),
        RunSqlFiles("sql/search.sql"),
    ]
