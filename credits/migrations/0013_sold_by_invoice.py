import django.db.models.deletion
from django.db import migrations

import config.tenancy.models
import config.tenancy.money_fields

class Migration(migrations.Migration):
    """Say which invoice asks for a pass, and what a credit paid of an invoice."""

    dependencies = [("credits", "0012_prices_hold"), ("billing", "0014_lines_for_periods_are_held")]

    operations = [
        migrations.AddField(
            "entry",
            "covered",
            config.tenancy.money_fields.MoneyField(null=True, verbose_name="paid of an invoice"),
        ),
        migrations.AddField(
            "passpurchase",
            "invoice",
            config.tenancy.models.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="passes",
                to="billing.invoice",
            ),
        ),
        migrations.RunSQL(
            "ALTER TABLE credits_passpurchase ADD CONSTRAINT credits_passpurchase_invoice_id_same_company"
            " FOREIGN KEY (company_id, invoice_id) REFERENCES billing_invoice (company_id, id)"
            " DEFERRABLE INITIALLY DEFERRED NOT VALID",
            migrations.RunSQL.noop,
        ),
    ]
