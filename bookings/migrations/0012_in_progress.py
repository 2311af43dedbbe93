from django.db import migrations, models

from config.server.operations import AddIndexConcurrently


class Migration(migrations.Migration):
    """Find the bookings in progress, few at any moment, whose event date is over."""

    atomic = False

    dependencies = [("bookings", "0011_late_cancellations")]

    operations = [
        AddIndexConcurrently(
            "booking",
            models.Index(
                fields=["company", "starts_at"],
                name="booking_in_progress",
                condition=models.Q(("status", "in_progress")),
            ),
        ),
    ]
