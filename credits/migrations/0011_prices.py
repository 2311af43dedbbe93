import billing.models.taxes
import config.tenancy.money_fields
import config.tenancy.tax_fields
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """Give passes a tax that is in or on their price."""

    dependencies = [("credits", "0010_functions_from_files"), ("access", "0017_prices"), ("billing", "0010_prices"), ("customers", "0012_with_email_is_granted")]

    operations = [
        migrations.AddField(
            model_name="passproduct",
            name="tax_behavior",
            field=config.tenancy.tax_fields.TaxBehaviorField(
                choices=[
                    ("inclusive", "included in the price"),
                    ("exclusive", "added to the price"),
                ],
                db_default="exclusive",
                default="",
                max_length=9,
                verbose_name="tax is",
            ),
        ),
        migrations.AddField(
            model_name="passproduct",
            name="tax_rate",
            field=config.tenancy.tax_fields.TaxRateField(
                db_default=0,
                decimal_places=4,
                default=None,
                max_digits=7,
                verbose_name="tax in percent",
            ),
        ),
        migrations.AddField(
            model_name="passpurchase",
            name="tax",
            field=config.tenancy.money_fields.MoneyField(
                db_default=0, editable=False, verbose_name="tax"
            ),
        ),
        migrations.AddField(
            model_name="passpurchase",
            name="tax_behavior",
            field=config.tenancy.tax_fields.TaxBehaviorField(
                choices=[
                    ("inclusive", "included in the price"),
                    ("exclusive", "added to the price"),
                ],
                db_default="exclusive",
                default="",
                max_length=9,
                verbose_name="tax is",
            ),
        ),
        migrations.AddField(
            model_name="passpurchase",
            name="tax_rate",
            field=config.tenancy.tax_fields.TaxRateField(
                db_default=0,
                decimal_places=4,
                default=None,
                max_digits=7,
                verbose_name="tax in percent",
            ),
        ),
        AddConstraintNotValid(
            model_name="passproduct",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("tax_behavior__in", ["inclusive", "exclusive"]),
                    ("tax_rate__gte", 0),
                    ("tax_rate__lte", 100),
                ),
                name="pass_product_taxed",
            ),
        ),
        AddConstraintNotValid(
            model_name="passpurchase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("tax_behavior__in", ["inclusive", "exclusive"]),
                    ("tax_rate__gte", 0),
                    ("tax_rate__lte", 100),
                ),
                name="pass_purchase_taxed",
            ),
        ),
        AddConstraintNotValid(
            model_name="passpurchase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "tax",
                        billing.models.taxes.TaxOn(
                            models.F("price"), models.F("tax_rate"), models.F("tax_behavior")
                        ),
                    )
                ),
                name="pass_purchase_tax",
            ),
        ),
    ]
