from django.db import migrations

from config.server.operations import RunSqlFiles


class Migration(migrations.Migration):
    """Define functions and triggers from the files that hold them from now on."""

    atomic = False

    dependencies = [("customers", "0008_words_are_filled")]

    operations = [
        RunSqlFiles(
            "sql/phones.sql",
            "sql/search.sql",
            "sql/search_terms.sql",
            "sql/text.sql",
            "sql/word_counts.sql",
            "sql/words.sql",
        ),
    ]
