from django.db import migrations


class Migration(migrations.Migration):
    """Leave the index by id alone out: `(company, id)` holds the same, and is the one to read by.

    With both, PostgreSQL may choose to go through the changes of every company for those of one.
    """

    dependencies = [
        ("changes", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE changes_change DROP CONSTRAINT changes_change_pkey",
            migrations.RunSQL.noop,
        ),
    ]
