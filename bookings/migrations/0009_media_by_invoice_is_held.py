from django.db import migrations, models
from django.db.models import Q

from config.server.operations import AddIndexConcurrently, ValidateConstraint


class Migration(migrations.Migration):
    """Hold the invoices of media, and find the media of an invoice."""

    atomic = False

    dependencies = [("bookings", "0008_media_by_invoice")]

    operations = [
        ValidateConstraint("mediapurchase", "bookings_mediapurchase_invoice_id_same_company"),
        AddIndexConcurrently(
            "mediapurchase",
            models.Index(
                condition=Q(invoice__isnull=False),
                fields=["company", "invoice"],
                name="media_of_invoice",
            ),
        ),
    ]
