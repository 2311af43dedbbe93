from pathlib import Path

from django.db import migrations

from config.access.operations import runtime_role

FUNCTIONS = (
    "access_admit(boolean, text, integer, integer, uuid)",
    "access_look(uuid, integer)",
)


def let_run(apps, schema_editor):
    role = schema_editor.connection.ops.quote_name(runtime_role())
    for function in FUNCTIONS:
        schema_editor.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        schema_editor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {role}")


class Migration(migrations.Migration):

    dependencies = [
        ("access", "0009_count_by_slices"),
    ]

    # Workers of the release before call `access_admit` without its last argument.
    operations = [
        migrations.RunSQL(
            Path(__file__).with_name("entering.sql").read_text(), migrations.RunSQL.noop
        ),
        migrations.RunPython(let_run, migrations.RunPython.noop),
    ]
