import config.tenancy.tax_fields
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """Give companies the tax of their new prices; companies that exist go on adding it."""

    dependencies = [("access", "0016_functions_from_files")]

    operations = [
        migrations.AddField(
            model_name="company",
            name="tax_behavior",
            field=config.tenancy.tax_fields.TaxBehaviorField(
                choices=[
                    ("inclusive", "included in the price"),
                    ("exclusive", "added to the price"),
                ],
                db_default="exclusive",
                default="",
                max_length=9,
                verbose_name="tax of new prices is",
            ),
        ),
        migrations.AddField(
            model_name="company",
            name="tax_rate",
            field=config.tenancy.tax_fields.TaxRateField(
                db_default=0,
                decimal_places=4,
                default=0,
                max_digits=7,
                verbose_name="tax of new prices in percent",
            ),
        ),
        AddConstraintNotValid(
            model_name="company",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("tax_behavior__in", ["inclusive", "exclusive"]),
                    ("tax_rate__gte", 0),
                    ("tax_rate__lte", 100),
                ),
                name="company_taxed",
            ),
        ),
    ]
