from django.db import migrations


class Migration(migrations.Migration):
    """Do nothing: in a new database this is the one migration of the app.

    `access.0002_squashed_0023_refuse_duplicates` stands for the others. Without a migration of this
    app Django would neither find nor number the next one.
    """

    dependencies = [("changes", "0017_data_exports")]

    operations = []
