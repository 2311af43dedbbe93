import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """Keep the ids of what a coupon and a pass are good for, beside the names."""

    dependencies = [("credits", "0018_called_sold")]

    operations = [
        migrations.AddField(
            "coupon",
            "offering_id",
            models.CharField(blank=True, db_default="", editable=False, max_length=40),
        ),
        migrations.AddField(
            "passproduct",
            "offering_ids",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40), editable=False, null=True, size=None
            ),
        ),
    ]
