from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Validate the constraints of the migration before."""

    atomic = False

    dependencies = [("access", "0019_money_rules")]

    operations = [
        ValidateConstraint("company", "company_refund_limit_not_negative"),
        ValidateConstraint("company", "company_late_cancellation"),
    ]
