from django.db import migrations, models

from config.server.operations import Backfill, SetNotNull, ValidateConstraint
from config.tenancy.tax_fields import TaxRateField


class Migration(migrations.Migration):
    """Give lines the rate of their invoice and invoices the tax of their one rate, as both had them."""

    atomic = False

    dependencies = [("billing", "0010_prices")]

    operations = [
        Backfill(
            "billing_invoiceline",
            "tax_rate = (SELECT tax_rate FROM billing_invoice AS invoice "
            "WHERE invoice.company_id = billing_invoiceline.company_id "
            "AND invoice.id = billing_invoiceline.invoice_id)",
            where="tax_rate IS NULL",
        ),
        Backfill(
            "billing_invoice",
            "taxes = jsonb_build_array(jsonb_build_object('tax_rate', tax_rate, "
            "'tax_behavior', tax_behavior, 'amount', subtotal - discount, 'tax', tax))",
            where="taxes IS NULL",
        ),
        SetNotNull("invoiceline", "tax_rate", TaxRateField()),
        SetNotNull(
            "invoice", "taxes", models.JSONField(default=None, editable=False, verbose_name="taxes")
        ),
        ValidateConstraint("invoice", "invoice_tax_behavior"),
        ValidateConstraint("invoice", "invoice_tax"),
        ValidateConstraint("invoice", "invoice_total"),
        ValidateConstraint("invoiceline", "invoice_line_taxed"),
        ValidateConstraint("plan", "plan_taxed"),
    ]
