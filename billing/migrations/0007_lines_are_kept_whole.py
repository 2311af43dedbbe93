from django.db import migrations


class Migration(migrations.Migration):
    """Refuse TRUNCATE of invoice lines, which would pass the trigger that keeps each of them."""

    dependencies = [("billing", "0006_by_reference")]

    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION billing_lines_are_kept() RETURNS trigger
            LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
            BEGIN
                RAISE EXCEPTION 'Lines of issued invoices are never removed: void the invoice.'
                    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'billing_line_kept';
            END $$;
            CREATE TRIGGER billing_line_kept_whole BEFORE TRUNCATE ON billing_invoiceline
                FOR EACH STATEMENT EXECUTE FUNCTION billing_lines_are_kept()
            """,
            """
            DROP TRIGGER billing_line_kept_whole ON billing_invoiceline;
            DROP FUNCTION billing_lines_are_kept()
            """,
        )
    ]
