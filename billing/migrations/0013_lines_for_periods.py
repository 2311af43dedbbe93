import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import F, Q

import config.tenancy.models


class Migration(migrations.Migration):
    """Say for which period of a subscription a line of an invoice is."""

    dependencies = [("billing", "0012_credit_notes_are_held")]

    operations = [
        migrations.AddField(
            "invoiceline",
            "subscription",
            config.tenancy.models.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="invoice_lines",
                to="billing.subscription",
            ),
        ),
        *(
            migrations.AddField(
                "invoiceline",
                name,
                models.DateField(editable=False, null=True, verbose_name=label),
            )
            for name, label in (
                ("period_from", "for the period from"),
                ("period_to", "for the period until"),
            )
        ),
        migrations.RunSQL(
            "ALTER TABLE billing_invoiceline ADD CONSTRAINT billing_invoiceline_subscription_id_same_company"
            " FOREIGN KEY (company_id, subscription_id) REFERENCES billing_subscription (company_id, id)"
            " DEFERRABLE INITIALLY DEFERRED NOT VALID",
            migrations.RunSQL.noop,
        ),
        AddConstraintNotValid(
            "invoiceline",
            models.CheckConstraint(
                condition=Q(
                    subscription__isnull=True, period_from__isnull=True, period_to__isnull=True
                )
                | Q(subscription__isnull=False, period_from__lt=F("period_to")),
                name="invoice_line_period",
            ),
        ),
    ]
