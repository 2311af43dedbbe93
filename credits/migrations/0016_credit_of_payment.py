import django.db.models.deletion
from django.db import migrations

import config.tenancy.models


class Migration(migrations.Migration):
    """Say which payment beyond what was owed a credit stands for."""

    dependencies = [("credits", "0015_goodwill"), ("billing", "0017_pauses_that_end")]

    operations = [
        migrations.AddField(
            "credit",
            "payment",
            config.tenancy.models.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="billing.payment",
            ),
        ),
        migrations.RunSQL(
            "ALTER TABLE credits_credit ADD CONSTRAINT credits_credit_payment_id_same_company"
            " FOREIGN KEY (company_id, payment_id) REFERENCES billing_payment (company_id, id)"
            " DEFERRABLE INITIALLY DEFERRED NOT VALID",
            migrations.RunSQL.noop,
        ),
    ]
