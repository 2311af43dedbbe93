import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    """Call what was sold as staff do; no table changes."""

    dependencies = [("credits", "0017_credit_of_payment_is_held")]

    operations = [
        migrations.AlterModelOptions(
            name="passpurchase",
            options={"verbose_name": "pass sold", "verbose_name_plural": "passes sold"},
        ),
        migrations.AlterField(
            model_name="passpurchase",
            name="purchased_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(),
                editable=False,
                verbose_name="sold at",
            ),
        ),
    ]
