from django.db import migrations, models
from django.db.models import Q

from config.server.operations import AddIndexConcurrently, ValidateConstraint


class Migration(migrations.Migration):
    """Hold the invoices of passes, and find the passes of an invoice."""

    atomic = False

    dependencies = [("credits", "0013_sold_by_invoice")]

    operations = [
        ValidateConstraint("passpurchase", "credits_passpurchase_invoice_id_same_company"),
        AddIndexConcurrently(
            "passpurchase",
            models.Index(
                condition=Q(invoice__isnull=False),
                fields=["company", "invoice"],
                name="pass_of_invoice",
            ),
        ),
    ]
