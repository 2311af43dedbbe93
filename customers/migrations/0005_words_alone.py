from django.db import migrations

# Words carry their company, so that their index alone finds a company's customers. Beside it the
# index of companies would be walked through for every customer that the company has.
FUNCTIONS = ("customers_matching(text, text)", "customers_searched(text)")
INDEXED = "customer.company_id = company"
UNINDEXED = "customer.company_id IS NOT DISTINCT FROM company"


def compare_without_index(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for function in FUNCTIONS:
            cursor.execute("SELECT pg_get_functiondef(%s::regprocedure)", [function])
            (definition,) = cursor.fetchone()
            assert INDEXED in definition, function
            cursor.execute(definition.replace("%", "%%").replace(INDEXED, UNINDEXED), [])


class Migration(migrations.Migration):

    dependencies = [("customers", "0004_rare")]

    operations = [migrations.RunPython(compare_without_index, migrations.RunPython.noop)]
