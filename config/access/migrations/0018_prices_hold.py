from django.db import migrations

from config.server.operations import ValidateConstraint


class Migration(migrations.Migration):
    """Check the tax of companies."""

    atomic = False

    dependencies = [("access", "0017_prices")]

    operations = [ValidateConstraint("company", "company_taxed")]
