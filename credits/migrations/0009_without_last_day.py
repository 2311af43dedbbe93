from django.db import migrations


class Migration(migrations.Migration):
    """Forget the last day: its column stays until the next release, for the one before this."""

    dependencies = [("credits", "0008_fill_ends")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveField("credit", "expiry_date"),
                migrations.RemoveField("passpurchase", "expiry_date"),
            ]
        )
    ]
