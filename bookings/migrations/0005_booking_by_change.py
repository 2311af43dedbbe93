from django.db import migrations, models

from config.server.operations import AddIndexConcurrently


class Migration(migrations.Migration):
    """Find the bookings that changed since a moment without reading all of a company's."""

    atomic = False

    dependencies = [("bookings", "0004_functions_from_files")]

    operations = [
        AddIndexConcurrently(
            "booking",
            models.Index(fields=["company", "updated_at"], name="booking_by_change"),
        ),
    ]
