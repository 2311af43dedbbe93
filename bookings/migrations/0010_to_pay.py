from django.db import migrations, models

from config.server.operations import AddIndexConcurrently

UNPAID = models.Q(
    ("cancelled_at__isnull", True),
    ("covered__lt", models.F("total")),
    ("payment__isnull", True),
)


class Migration(migrations.Migration):
    """Find what was booked or bought and is still to be paid."""

    atomic = False

    dependencies = [("bookings", "0009_media_by_invoice_is_held")]

    operations = [
        AddIndexConcurrently(
            "booking",
            models.Index(fields=["company", "customer"], name="booking_to_pay", condition=UNPAID),
        ),
        AddIndexConcurrently(
            "mediapurchase",
            models.Index(fields=["company", "customer"], name="media_to_pay", condition=UNPAID),
        ),
    ]
