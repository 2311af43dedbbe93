from django.db import migrations, models

HELP = (
    "A new customer who is likely one that is there already is refused, unless the request insists "
    "on it."
)


def refuses_duplicates():
    return models.BooleanField(
        db_default=False,
        default=False,
        help_text=HELP,
        verbose_name="likely duplicates are refused",
    )


class Migration(migrations.Migration):
    """Let a client or key be refused customers who are likely there already."""

    dependencies = [("access", "0022_erasure_days_hold")]

    operations = [
        migrations.AddField("apiclient", "refuses_duplicates", refuses_duplicates()),
        migrations.AddField("apikey", "refuses_duplicates", refuses_duplicates()),
    ]
