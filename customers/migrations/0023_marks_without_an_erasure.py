import django.db.models.deletion
from django.db import migrations

import config.tenancy.models
from config.server.operations import RunSqlFiles
from config.tenancy.operations import GrantExecute


class Migration(migrations.Migration):
    """Let marks be restored without their erasure, and mentions be whole words."""

    dependencies = [("customers", "0022_merges_are_held")]

    operations = [
        migrations.AlterField(
            model_name="erasuremark",
            name="erasure",
            field=config.tenancy.models.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="marks",
                to="customers.erasure",
            ),
        ),
        RunSqlFiles("sql/erasing.sql"),
        GrantExecute("customers_merged_spans(uuid, uuid[])"),
    ]
