from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    """Search for the new words alone, which every customer has by now."""

    dependencies = [("customers", "0007_fill_words")]

    operations = [
        migrations.RunSQL(
            Path(__file__).with_name("filled.sql").read_text(), migrations.RunSQL.noop
        )
    ]
