from django.db import migrations, models

from config.server.operations import AddIndexConcurrently, ValidateConstraint


class Migration(migrations.Migration):
    """Hold whom customers were merged into, and find those that were not."""

    atomic = False

    dependencies = [("customers", "0021_merges")]

    operations = [
        ValidateConstraint("customer", "customers_customer_merged_into_id_same_company"),
        AddIndexConcurrently(
            "customer",
            models.Index(
                fields=["company", "id"],
                name="customer_present",
                condition=models.Q(("merged_into__isnull", True)),
            ),
        ),
        AddIndexConcurrently(
            "customer",
            models.Index(
                fields=["company", "merged_into"],
                name="customer_merged",
                condition=models.Q(("merged_into__isnull", False)),
            ),
        ),
    ]
