from django.db import migrations

from config.tenancy.operations import GrantExecute


class Migration(migrations.Migration):
    """Let the runtime role find customers by e-mail address."""

    dependencies = [("customers", "0011_indexes_of_filters")]

    operations = [GrantExecute("customers_with_email(text)")]
