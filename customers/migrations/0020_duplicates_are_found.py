from django.db import migrations, models

from config.server.operations import AddIndexConcurrently


class Migration(migrations.Migration):
    """Index what likely duplicates share."""

    atomic = False

    dependencies = [("customers", "0019_duplicates")]

    operations = [
        AddIndexConcurrently(
            "address",
            models.Index(
                models.F("company"),
                models.Func(
                    models.F("postal_code"),
                    models.F("city"),
                    models.F("street"),
                    models.F("sub_premise"),
                    function="customers_place_key",
                ),
                condition=models.Q(("archived_at__isnull", True)),
                name="address_place",
            ),
        ),
        AddIndexConcurrently(
            "customer",
            models.Index(
                models.F("company"),
                models.Func(models.F("email"), function="customers_email_key"),
                condition=models.Q(("email", ""), _negated=True),
                name="customer_email_key",
            ),
        ),
        AddIndexConcurrently(
            "customer",
            models.Index(
                models.F("company"),
                models.Func(models.F("tax_id"), function="regulars_postal_key"),
                condition=models.Q(("tax_id", ""), _negated=True),
                name="customer_tax_key",
            ),
        ),
        AddIndexConcurrently(
            "customer",
            models.Index(
                condition=models.Q(("birthday", ""), _negated=True),
                fields=["company", "birthday"],
                name="customer_born",
            ),
        ),
    ]
