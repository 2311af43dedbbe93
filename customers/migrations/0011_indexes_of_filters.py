import django.db.models.functions.text
from django.db import migrations, models

from config.server.operations import AddIndexConcurrently, RunSqlFiles


class Migration(migrations.Migration):
    """Find customers by external id, e-mail address and time of the last change."""

    atomic = False

    dependencies = [("customers", "0010_functions_that_nothing_calls")]

    operations = [
        AddIndexConcurrently(
            "customer",
            models.Index(fields=["company", "updated_at", "id"], name="customer_updated"),
        ),
        AddIndexConcurrently(
            "customer",
            models.Index(
                fields=["company", "external_id", "id"],
                name="customer_external_id",
                condition=models.Q(("external_id", ""), _negated=True),
            ),
        ),
        AddIndexConcurrently(
            "customer",
            models.Index(
                models.F("company"),
                django.db.models.functions.text.Lower("email"),
                name="customer_email",
                condition=models.Q(("email", ""), _negated=True),
            ),
        ),
        RunSqlFiles("sql/search.sql"),
    ]
