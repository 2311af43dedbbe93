from django.db import migrations


class Migration(migrations.Migration):
    """Refuse TRUNCATE of the ledger, to its owner too, as UPDATE and DELETE are refused."""

    dependencies = [("credits", "0005_by_reference")]

    operations = [
        migrations.RunSQL(
            """
            CREATE TRIGGER keep_entries BEFORE TRUNCATE ON credits_entry
            FOR EACH STATEMENT EXECUTE FUNCTION credits_keep_entry()
            """,
            "DROP TRIGGER keep_entries ON credits_entry",
        )
    ]
