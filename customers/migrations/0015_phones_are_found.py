from django.db import migrations, models

from config.server.operations import AddIndexConcurrently


class Migration(migrations.Migration):
    """Find customers by phone numbers, for rows of files that have no id."""

    atomic = False

    dependencies = [("customers", "0014_tags_and_contact_points_are_found")]

    operations = [
        AddIndexConcurrently(
            "customer",
            models.Index(
                fields=["company", "phone"],
                name="customer_phone",
                condition=models.Q(("phone", ""), _negated=True),
            ),
        ),
        AddIndexConcurrently(
            "customer",
            models.Index(
                fields=["company", "phone_national"],
                name="customer_phone_national",
                condition=models.Q(("phone_national", ""), _negated=True),
            ),
        ),
    ]
