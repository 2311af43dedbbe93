from django.db import migrations


class Migration(migrations.Migration):
    """Drop functions that nothing calls any more, and keep a new one from the runtime role.

    Until `0008_words_are_filled` a search asked for the words of before as well. They go in a
    transaction after `0009_functions_from_files`, whose functions no longer call them.
    """

    dependencies = [("customers", "0009_functions_from_files")]

    operations = [
        migrations.RunSQL(
            """
            DROP FUNCTION
                customers_asked_before(uuid, text, text),
                customers_is_filled(),
                customers_is_number(text),
                customers_mark(uuid, text),
                customers_numbers(text),
                customers_wanted(uuid, text),
                regulars_fold(text),
                regulars_words(text)
            """,
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            """
            DROP FUNCTION customers_newest_matches(uuid, tsquery, integer, integer);
            REVOKE ALL ON FUNCTION customers_edge(uuid, bigint) FROM PUBLIC;
            """,
            migrations.RunSQL.noop,
        ),
    ]
