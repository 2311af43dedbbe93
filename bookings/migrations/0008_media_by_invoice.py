import django.db.models.deletion
from django.db import migrations

import config.tenancy.models


class Migration(migrations.Migration):
    """Say which invoice asks for a medium."""

    dependencies = [("bookings", "0007_prices_hold"), ("billing", "0014_lines_for_periods_are_held")]

    operations = [
        migrations.AddField(
            "mediapurchase",
            "invoice",
            config.tenancy.models.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="billing.invoice",
            ),
        ),
        migrations.RunSQL(
            "ALTER TABLE bookings_mediapurchase ADD CONSTRAINT bookings_mediapurchase_invoice_id_same_company"
            " FOREIGN KEY (company_id, invoice_id) REFERENCES billing_invoice (company_id, id)"
            " DEFERRABLE INITIALLY DEFERRED NOT VALID",
            migrations.RunSQL.noop,
        ),
    ]
