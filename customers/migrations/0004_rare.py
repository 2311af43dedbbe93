from django.db import migrations


class Migration(migrations.Migration):
    """Tell the planner that few customers are found by the index: what is common is read off."""

    dependencies = [("customers", "0003_find")]

    operations = [
        migrations.RunSQL(
            "ALTER FUNCTION customers_searched(text) ROWS 50", migrations.RunSQL.noop
        ),
        migrations.RunSQL(
            "ALTER FUNCTION customers_found(text, integer) ROWS 10", migrations.RunSQL.noop
        ),
    ]
