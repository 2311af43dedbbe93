import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    """Call what was sold as staff do; no table changes."""

    dependencies = [("bookings", "0013_moved_late")]

    operations = [
        migrations.AlterModelOptions(
            name="mediapurchase",
            options={"verbose_name": "video sold", "verbose_name_plural": "videos sold"},
        ),
        migrations.AlterField(
            model_name="mediapurchase",
            name="purchased_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(),
                editable=False,
                verbose_name="sold at",
            ),
        ),
    ]
