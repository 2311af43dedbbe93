from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Validate the constraint of the migration before."""

    atomic = False

    dependencies = [("customers", "0017_erasures")]

    operations = [ValidateConstraint("customer", "customer_erased")]
