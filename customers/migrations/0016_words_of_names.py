from django.db import migrations

from config.server.operations import RunSqlFiles
from config.tenancy.operations import GrantExecute, ProtectTable


class Migration(migrations.Migration):
    """Find customers by names with typing errors.

    A background task gathers the words of the customers that are there. Until it has read a
    customer, no misspelt name finds that customer; the search finds it as before.
    """

    dependencies = [("customers", "0015_phones_are_found")]

    operations = [
        RunSqlFiles("sql/similar.sql"),
        migrations.RunSQL(
            """
            CREATE TABLE customers_nameword (
                company_id uuid NOT NULL,
                word text COLLATE "C" NOT NULL
            );
            CREATE INDEX customers_nameword_word ON customers_nameword (company_id, word);
            CREATE INDEX customers_nameword_neighbours ON customers_nameword
                USING gin (customers_neighbours(company_id, word));
            CREATE TABLE customers_namegathering (
                company_id uuid PRIMARY KEY,
                customer_id uuid,
                ended_at timestamptz
            );
            """,
            migrations.RunSQL.noop,
        ),
        ProtectTable("customers_nameword", rights=("SELECT",)),
        ProtectTable("customers_namegathering", rights=("SELECT",)),
        RunSqlFiles("sql/name_words.sql"),
        GrantExecute(
            "customers_found_or_similar(text, integer)",
            "customers_similar(text, integer)",
            "customers_gather_names(integer)",
            "customers_tidy_names()",
        ),
        migrations.RunSQL(
            "REVOKE ALL ON FUNCTION customers_similar_words(uuid, text, integer) FROM PUBLIC",
            migrations.RunSQL.noop,
        ),
    ]
