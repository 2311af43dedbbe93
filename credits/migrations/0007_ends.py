from pathlib import Path

from django.db import migrations, models

ENDS = Path(__file__).with_name("ends.sql").read_text()


class Migration(migrations.Migration):
    """Add the moment at which a credit or a pass ends beside the last day that it had."""

    dependencies = [("credits", "0006_ledger_is_kept_whole")]

    operations = [
        *(
            migrations.AddField(
                model,
                "expires_at",
                models.DateTimeField(blank=True, null=True, verbose_name="ends"),
            )
            for model in ("credit", "passpurchase")
        ),
        migrations.RunSQL(ENDS, migrations.RunSQL.noop),
    ]
