from django.db import migrations, models
from django.db.models import Q

from config.server.operations import AddIndexConcurrently, ValidateConstraint


class Migration(migrations.Migration):
    """Hold the periods of lines, and find the lines of a subscription."""

    atomic = False

    dependencies = [("billing", "0013_lines_for_periods")]

    operations = [
        ValidateConstraint("invoiceline", "billing_invoiceline_subscription_id_same_company"),
        ValidateConstraint("invoiceline", "invoice_line_period"),
        AddIndexConcurrently(
            "invoiceline",
            models.Index(
                condition=Q(subscription__isnull=False),
                fields=["company", "subscription"],
                name="invoice_line_of_subscription",
            ),
        ),
    ]
