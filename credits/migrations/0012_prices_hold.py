from django.db import migrations

from config.server.operations import ValidateConstraint


class Migration(migrations.Migration):
    """Check the tax of passes that were there before."""

    atomic = False

    dependencies = [("credits", "0011_prices")]

    operations = [
        ValidateConstraint("passproduct", "pass_product_taxed"),
        ValidateConstraint("passpurchase", "pass_purchase_taxed"),
        ValidateConstraint("passpurchase", "pass_purchase_tax"),
    ]
