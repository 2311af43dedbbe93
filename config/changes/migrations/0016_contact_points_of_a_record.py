from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

from config.server.operations import AddIndexConcurrently


class Migration(migrations.Migration):
    """Tell of contact points in the timeline of a customer, by an index that has them too."""

    atomic = False

    dependencies = [("changes", "0015_event_types_by_their_new_names")]

    operations = [
        AddIndexConcurrently(
            "change",
            models.Index(
                fields=["company", "customer_id", "table_name", "at"],
                name="change_of_whole_record",
                condition=models.Q(
                    ("operation", "changed"),
                    (
                        "table_name__in",
                        (
                            "customers_customer",
                            "customers_address",
                            "customers_contactpoint",
                            "customers_customeruser",
                            "billing_paymentmethod",
                        ),
                    ),
                ),
            ),
        ),
        RemoveIndexConcurrently("change", "change_of_record"),
    ]
