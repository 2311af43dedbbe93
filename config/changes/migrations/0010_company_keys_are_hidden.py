from django.db import migrations

from config.changes.operations import KeepChanges


class Migration(migrations.Migration):
    """Leave the key that a company's change ids are hashed with out of what is recorded of it."""

    dependencies = [("changes", "0009_deliveries_are_kept"), ("access", "0011_attempt_counts")]

    operations = [KeepChanges("access_company", ("change_key",), company="id")]
