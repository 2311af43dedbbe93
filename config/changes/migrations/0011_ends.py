from django.db import migrations

from config.changes.operations import KeepChanges


class Migration(migrations.Migration):
    """Tell when credits and passes end, and no more of the column that this replaced."""

    dependencies = [
        ("changes", "0010_company_keys_are_hidden"),
        ("credits", "0009_without_last_day"),
    ]

    operations = [
        KeepChanges("credits_credit", ("expiry_date",), customer="customer_id"),
        KeepChanges("credits_passpurchase", ("expiry_date",), customer="customer_id"),
    ]
