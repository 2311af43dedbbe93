import billing.models.taxes
import config.tenancy.tax_fields
import django.db.models.expressions
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from config.server.operations import RunSqlFiles
from config.tenancy.operations import GrantExecute


class Migration(migrations.Migration):
    """Give plans, invoices and their lines a tax that is in or on their prices."""

    dependencies = [("billing", "0009_credit_notes"), ("access", "0017_prices"), ("customers", "0012_with_email_is_granted")]

    operations = [
        RunSqlFiles("sql/tax.sql"),
        GrantExecute(
            "billing_tax_on(bigint, numeric, text)",
            "billing_taxes_hold(jsonb, bigint, bigint)",
            "billing_tax_on_top(jsonb)",
        ),
        migrations.RemoveConstraint(model_name="invoice", name="invoice_tax"),
        migrations.RemoveConstraint(model_name="invoice", name="invoice_total"),
        migrations.AddField(
            model_name="invoice",
            name="tax_behavior",
            field=config.tenancy.tax_fields.TaxBehaviorField(
                choices=[
                    ("inclusive", "included in the price"),
                    ("exclusive", "added to the price"),
                ],
                db_default="exclusive",
                default="",
                max_length=9,
                verbose_name="tax is",
            ),
        ),
        migrations.AddField(
            model_name="invoice",
            name="taxes",
            field=models.JSONField(null=True, default=None, editable=False, verbose_name="taxes"),
        ),
        migrations.AddField(
            model_name="invoiceline",
            name="tax_behavior",
            field=config.tenancy.tax_fields.TaxBehaviorField(
                choices=[
                    ("inclusive", "included in the price"),
                    ("exclusive", "added to the price"),
                ],
                db_default="exclusive",
                default="",
                max_length=9,
                verbose_name="tax is",
            ),
        ),
        migrations.AddField(
            model_name="invoiceline",
            name="tax_rate",
            field=config.tenancy.tax_fields.TaxRateField(
                null=True,
                decimal_places=4,
                default=None,
                max_digits=7,
                verbose_name="tax in percent",
            ),
        ),
        migrations.AddField(
            model_name="plan",
            name="tax_behavior",
            field=config.tenancy.tax_fields.TaxBehaviorField(
                choices=[
                    ("inclusive", "included in the price"),
                    ("exclusive", "added to the price"),
                ],
                db_default="exclusive",
                default="",
                max_length=9,
                verbose_name="tax is",
            ),
        ),
        migrations.AddField(
            model_name="plan",
            name="tax_rate",
            field=config.tenancy.tax_fields.TaxRateField(
                db_default=0,
                decimal_places=4,
                default=None,
                max_digits=7,
                verbose_name="tax in percent",
            ),
        ),
        migrations.AlterField(
            model_name="invoice",
            name="tax_rate",
            field=config.tenancy.tax_fields.TaxRateField(
                decimal_places=4, default=None, max_digits=7, verbose_name="tax in percent"
            ),
        ),
        RunSqlFiles("sql/invoices.sql", "sql/previous_release.sql"),
        AddConstraintNotValid(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("tax_behavior__in", ["inclusive", "exclusive"])),
                name="invoice_tax_behavior",
            ),
        ),
        AddConstraintNotValid(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    billing.models.taxes.TaxesHold(
                        models.F("taxes"),
                        django.db.models.expressions.CombinedExpression(
                            models.F("subtotal"), "-", models.F("discount")
                        ),
                        models.F("tax"),
                    )
                ),
                name="invoice_tax",
            ),
        ),
        AddConstraintNotValid(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "total",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                models.F("subtotal"), "-", models.F("discount")
                            ),
                            "+",
                            billing.models.taxes.TaxOnTop(models.F("taxes")),
                        ),
                    )
                ),
                name="invoice_total",
            ),
        ),
        AddConstraintNotValid(
            model_name="invoiceline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("tax_behavior__in", ["inclusive", "exclusive"]),
                    ("tax_rate__gte", 0),
                    ("tax_rate__lte", 100),
                ),
                name="invoice_line_taxed",
            ),
        ),
        AddConstraintNotValid(
            model_name="plan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("tax_behavior__in", ["inclusive", "exclusive"]),
                    ("tax_rate__gte", 0),
                    ("tax_rate__lte", 100),
                ),
                name="plan_taxed",
            ),
        ),
    ]
