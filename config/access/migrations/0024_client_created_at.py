from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    """API clients are created at the time of the database's clock."""

    dependencies = [("access", "0023_refuse_duplicates")]

    operations = [
        migrations.AlterField(
            model_name="apiclient",
            name="created",
            field=models.DateTimeField(
                db_default=Now(), editable=False, verbose_name="created at"
            ),
        ),
    ]
