from pathlib import Path

from django.db import migrations

from config.access.operations import ProtectTable


def sql(name):
    return migrations.RunSQL(Path(__file__).with_name(name).read_text(), migrations.RunSQL.noop)


class Migration(migrations.Migration):
    """Find customers by words of every script, and count the words that many have.

    The generated column stays as it is and its function is replaced: rows that are written from now
    on have the new words, and a search asks for the words of before as well until 0007 is through.
    """

    dependencies = [("customers", "0005_words_alone")]

    operations = [
        sql("normalizing.sql"),
        sql("indexing.sql"),
        sql("counting.sql"),
        ProtectTable("customers_wordcount", rights=("SELECT",)),
        sql("unfilled.sql"),
        sql("searching.sql"),
    ]
