from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Validate the constraint of the migration before."""

    atomic = False

    dependencies = [("access", "0021_erasure_days")]

    operations = [ValidateConstraint("company", "company_erasure_days")]
