import billing.models.taxes
import config.tenancy.money_fields
import config.tenancy.tax_fields
import django.db.models.expressions
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from config.server.operations import RunSqlFiles


class Migration(migrations.Migration):
    """Let a price include its tax, and give media and each pricing option a tax of their own."""

    dependencies = [("bookings", "0005_booking_by_change"), ("access", "0017_prices"), ("billing", "0010_prices"), ("credits", "0011_prices"), ("customers", "0012_with_email_is_granted")]

    operations = [
        migrations.RemoveConstraint(model_name="booking", name="booking_tax"),
        migrations.RemoveConstraint(model_name="booking", name="booking_total"),
        migrations.AddField(
            model_name="booking",
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
            model_name="event",
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
            model_name="media",
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
            model_name="media",
            name="tax_rate",
            field=config.tenancy.tax_fields.TaxRateField(
                db_default=0,
                decimal_places=4,
                default=None,
                max_digits=7,
                verbose_name="tax in percent",
            ),
        ),
        migrations.AddField(
            model_name="mediapurchase",
            name="tax",
            field=config.tenancy.money_fields.MoneyField(
                db_default=0, editable=False, verbose_name="tax"
            ),
        ),
        migrations.AddField(
            model_name="mediapurchase",
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
            model_name="mediapurchase",
            name="tax_rate",
            field=config.tenancy.tax_fields.TaxRateField(
                db_default=0,
                decimal_places=4,
                default=None,
                max_digits=7,
                verbose_name="tax in percent",
            ),
        ),
        migrations.AddField(
            model_name="pricingoption",
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
            model_name="pricingoption",
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
            model_name="service",
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
        migrations.AlterField(
            model_name="booking",
            name="subtotal",
            field=config.tenancy.money_fields.MoneyField(verbose_name="price"),
        ),
        migrations.AlterField(
            model_name="booking",
            name="tax_rate",
            field=config.tenancy.tax_fields.TaxRateField(
                decimal_places=4, default=None, max_digits=7, verbose_name="tax in percent"
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="tax_rate",
            field=config.tenancy.tax_fields.TaxRateField(
                decimal_places=4, default=None, max_digits=7, verbose_name="tax in percent"
            ),
        ),
        migrations.AlterField(
            model_name="service",
            name="tax_rate",
            field=config.tenancy.tax_fields.TaxRateField(
                decimal_places=4, default=None, max_digits=7, verbose_name="tax in percent"
            ),
        ),
        RunSqlFiles("sql/previous_release.sql"),
        AddConstraintNotValid(
            model_name="booking",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "tax",
                        billing.models.taxes.TaxOn(
                            django.db.models.expressions.CombinedExpression(
                                models.F("subtotal"), "-", models.F("discount")
                            ),
                            models.F("tax_rate"),
                            models.F("tax_behavior"),
                        ),
                    ),
                    ("tax_behavior__in", ["inclusive", "exclusive"]),
                    ("tax_rate__gte", 0),
                    ("tax_rate__lte", 100),
                ),
                name="booking_tax",
            ),
        ),
        AddConstraintNotValid(
            model_name="booking",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("tax_behavior", "exclusive"),
                        (
                            "total",
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("subtotal"), "-", models.F("discount")
                                ),
                                "+",
                                models.F("tax"),
                            ),
                        ),
                    ),
                    models.Q(
                        ("tax_behavior", "inclusive"),
                        (
                            "total",
                            django.db.models.expressions.CombinedExpression(
                                models.F("subtotal"), "-", models.F("discount")
                            ),
                        ),
                    ),
                    _connector="OR",
                ),
                name="booking_total",
            ),
        ),
        AddConstraintNotValid(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(("tax_behavior__in", ["inclusive", "exclusive"])),
                name="event_tax_behavior",
            ),
        ),
        AddConstraintNotValid(
            model_name="media",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("tax_behavior__in", ["inclusive", "exclusive"]),
                    ("tax_rate__gte", 0),
                    ("tax_rate__lte", 100),
                ),
                name="media_taxed",
            ),
        ),
        AddConstraintNotValid(
            model_name="mediapurchase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("tax_behavior__in", ["inclusive", "exclusive"]),
                    ("tax_rate__gte", 0),
                    ("tax_rate__lte", 100),
                ),
                name="media_purchase_taxed",
            ),
        ),
        AddConstraintNotValid(
            model_name="mediapurchase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "tax",
                        billing.models.taxes.TaxOn(
                            models.F("total"), models.F("tax_rate"), models.Value("inclusive")
                        ),
                    )
                ),
                name="media_purchase_tax",
            ),
        ),
        AddConstraintNotValid(
            model_name="pricingoption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("tax_behavior__in", ["inclusive", "exclusive"]),
                    ("tax_rate__gte", 0),
                    ("tax_rate__lte", 100),
                ),
                name="pricing_option_taxed",
            ),
        ),
        AddConstraintNotValid(
            model_name="service",
            constraint=models.CheckConstraint(
                condition=models.Q(("tax_behavior__in", ["inclusive", "exclusive"])),
                name="service_tax_behavior",
            ),
        ),
    ]
