from django.db import migrations, models


class Migration(migrations.Migration):
    """Say from which start a booking was moved when cancelling it was late."""

    dependencies = [("bookings", "0012_in_progress")]

    operations = [
        migrations.AddField(
            "booking",
            "moved_late_from",
            models.DateTimeField(editable=False, null=True, verbose_name="moved late from"),
        ),
    ]
