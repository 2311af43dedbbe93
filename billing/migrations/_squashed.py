"""The operations that make what migrations 0001 to 0017 of this app make.

`access.0002_squashed_0023_refuse_duplicates` runs them in a new database.
"""

import billing.models.subscriptions
import billing.models.taxes
import config.tenancy.ids
import config.tenancy.models
import config.tenancy.money_fields
import config.tenancy.tax_fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.db import migrations, models

from config.changes.operations import KeepChanges
from config.server.operations import RunSqlFiles
from config.tenancy.operations import GrantExecute, ProtectTable

ONCE = ("SELECT", "INSERT")
# Sums and lines are written with an invoice; what is done with it afterwards is a date or a sum.
MILESTONES = (
    "UPDATE (number, issued_at, due_on, paid_at, voided_at, payment_method_id, covered, reduced)"
)

operations = [
    RunSqlFiles("sql/dates.sql", "sql/tax.sql"),
    migrations.CreateModel(
        name='Invoice',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('number', models.CharField(blank=True, editable=False, max_length=20, verbose_name='number')),
            ('external_id', models.CharField(blank=True, editable=False, max_length=200, verbose_name='external id')),
            ('currency', config.tenancy.money_fields.CurrencyField(editable=False, max_length=3, verbose_name='currency')),
            ('subtotal', config.tenancy.money_fields.MoneyField(editable=False, verbose_name='subtotal')),
            ('discount', config.tenancy.money_fields.MoneyField(default=0, verbose_name='discount')),
            ('discount_description', models.CharField(blank=True, max_length=200, verbose_name='discounted for')),
            ('tax_rate', config.tenancy.tax_fields.TaxRateField(decimal_places=4, default=None, max_digits=7, verbose_name='tax in percent')),
            ('tax', config.tenancy.money_fields.MoneyField(editable=False, verbose_name='tax')),
            ('total', config.tenancy.money_fields.MoneyField(editable=False, verbose_name='total')),
            ('due_on', models.DateField(blank=True, null=True, verbose_name='due on')),
            ('issued_at', models.DateTimeField(editable=False, null=True, verbose_name='issued at')),
            ('paid_at', models.DateTimeField(editable=False, null=True, verbose_name='paid at')),
            ('voided_at', models.DateTimeField(editable=False, null=True, verbose_name='voided at')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('customer', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='invoices', to='customers.customer')),
            ('payment_method', config.tenancy.models.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.paymentmethod', verbose_name='payment method')),
            ('covered', config.tenancy.money_fields.MoneyField(db_default=0, default=0, editable=False, verbose_name='covered by credits')),
            ('reduced', config.tenancy.money_fields.MoneyField(db_default=0, default=0, editable=False, verbose_name='reduced')),
            ('tax_behavior', config.tenancy.tax_fields.TaxBehaviorField(choices=[('inclusive', 'included in the price'), ('exclusive', 'added to the price')], db_default='exclusive', default='', max_length=9, verbose_name='tax is')),
            ('taxes', models.JSONField(default=None, editable=False, verbose_name='taxes')),
        ],
        options={
            'verbose_name': 'invoice',
            'verbose_name_plural': 'invoices',
            'indexes': [models.Index(fields=['company', 'customer', 'id'], name='invoice_of_customer'), models.Index(condition=models.Q(('paid_at__isnull', True), ('voided_at__isnull', True)), fields=['company', 'customer'], name='invoice_open'), models.Index(fields=['company', 'issued_at', 'id'], name='invoice_by_time'), models.Index(fields=['company', 'number', 'id'], name='invoice_by_number')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='billing_invoice_company'), models.UniqueConstraint(condition=models.Q(('number', ''), _negated=True), fields=('company', 'number'), name='invoice_number_once'), models.UniqueConstraint(condition=models.Q(('external_id', ''), _negated=True), fields=('company', 'external_id'), name='invoice_external_id_once'), models.CheckConstraint(condition=models.Q(models.Q(('issued_at__isnull', True), ('number', '')), models.Q(models.Q(('number', ''), _negated=True), ('issued_at__isnull', False)), _connector='OR'), name='invoice_numbered_when_issued'), models.CheckConstraint(condition=models.Q(('paid_at__isnull', True), ('issued_at__isnull', False), _connector='OR'), name='invoice_issued_before_paid'), models.CheckConstraint(condition=models.Q(('discount__gte', 0), ('discount__lte', models.F('subtotal'))), name='invoice_discount'), models.CheckConstraint(condition=models.Q(('tax_rate__gte', 0), ('tax_rate__lte', 100)), name='invoice_tax_rate'), models.CheckConstraint(condition=models.Q(('covered__gte', 0), ('covered__lte', django.db.models.expressions.CombinedExpression(models.F('total'), '-', models.F('reduced'))), ('reduced__gte', 0), models.Q(models.Q(('covered', 0), ('reduced', 0)), ('issued_at__isnull', False), _connector='OR')), name='invoice_settled_in_part'), models.CheckConstraint(condition=models.Q(('tax_behavior__in', ['inclusive', 'exclusive'])), name='invoice_tax_behavior'), models.CheckConstraint(condition=models.Q(billing.models.taxes.TaxesHold(models.F('taxes'), django.db.models.expressions.CombinedExpression(models.F('subtotal'), '-', models.F('discount')), models.F('tax'))), name='invoice_tax'), models.CheckConstraint(condition=models.Q(('total', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('subtotal'), '-', models.F('discount')), '+', billing.models.taxes.TaxOnTop(models.F('taxes'))))), name='invoice_total')],
        },
    ),
    migrations.CreateModel(
        name='PaymentMethod',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('archived_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='archived at')),
            ('type', models.CharField(choices=[('card', 'card'), ('bank_account', 'bank account'), ('direct_debit', 'direct debit'), ('other', 'other')], max_length=20, verbose_name='type')),
            ('brand', models.CharField(blank=True, max_length=40, verbose_name='brand')),
            ('bank_name', models.CharField(blank=True, max_length=100, verbose_name='bank')),
            ('last4', models.CharField(blank=True, max_length=4, verbose_name='last four digits')),
            ('exp_month', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='expires in month')),
            ('exp_year', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='expires in year')),
            ('token', models.CharField(max_length=255, verbose_name="processor's token")),
            ('is_default', models.BooleanField(default=False, verbose_name='default')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('customer', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='payment_methods', to='customers.customer')),
        ],
        options={
            'verbose_name': 'payment method',
            'verbose_name_plural': 'payment methods',
            'indexes': [models.Index(fields=['company', 'customer', 'id'], name='payment_method_of_customer')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='billing_paymentmethod_company'), models.UniqueConstraint(condition=models.Q(('archived_at__isnull', True), ('is_default', True)), fields=('company', 'customer'), name='payment_method_one_default'), models.UniqueConstraint(models.F('company'), models.F('customer'), models.F('token'), condition=models.Q(('archived_at__isnull', True)), name='payment_method_once', violation_error_message='This customer has this payment method already.'), models.CheckConstraint(condition=models.Q(('last4', ''), ('last4__regex', '^[0-9]{4}$'), _connector='OR'), name='payment_method_last4'), models.CheckConstraint(condition=models.Q(models.Q(('exp_month__isnull', True), ('exp_year__isnull', True)), models.Q(('exp_month__range', (1, 12)), ('exp_year__range', (2000, 2099))), _connector='OR'), name='payment_method_expiry')],
        },
    ),
    migrations.CreateModel(
        name='Payment',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('kind', models.CharField(choices=[('payment', 'payment'), ('refund', 'refund')], editable=False, max_length=7, verbose_name='kind')),
            ('status', models.CharField(choices=[('succeeded', 'succeeded'), ('failed', 'failed')], default='succeeded', max_length=9, verbose_name='status')),
            ('amount', config.tenancy.money_fields.MoneyField(verbose_name='amount')),
            ('currency', config.tenancy.money_fields.CurrencyField(editable=False, max_length=3, verbose_name='currency')),
            ('method', models.CharField(choices=[('card', 'card'), ('cash', 'cash'), ('bank_transfer', 'bank transfer'), ('direct_debit', 'direct debit'), ('other', 'other')], max_length=13, verbose_name='paid by')),
            ('reference', models.CharField(blank=True, max_length=255, verbose_name="processor's reference")),
            ('taken_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='taken at')),
            ('signed_amount', models.GeneratedField(db_persist=True, expression=models.Case(models.When(models.Q(('status', 'succeeded'), _negated=True), then=models.Value(0)), models.When(kind='refund', then=django.db.models.expressions.CombinedExpression(models.Value(0), '-', models.F('amount'))), default=models.F('amount'), output_field=models.BigIntegerField()), output_field=config.tenancy.money_fields.MoneyField(verbose_name='signed amount'))),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('customer', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='customers.customer')),
            ('invoice', config.tenancy.models.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='billing.invoice')),
            ('refunds', config.tenancy.models.TenantForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='refunded_by', to='billing.payment')),
            ('payment_method', config.tenancy.models.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.paymentmethod', verbose_name='payment method')),
            ('reason', models.CharField(blank=True, db_default='', default='', max_length=500, verbose_name='reason')),
        ],
        options={
            'verbose_name': 'payment',
            'verbose_name_plural': 'payments',
            'indexes': [models.Index(fields=['company', 'invoice'], name='payment_of_invoice'), models.Index(fields=['company', 'refunds'], name='payment_refunds'), models.Index(condition=models.Q(('status', 'succeeded')), fields=['company', 'taken_at'], include=('currency', 'signed_amount'), name='payment_by_day'), models.Index(fields=['company', 'customer', 'taken_at'], include=('signed_amount',), name='payment_of_customer'), models.Index(fields=['company', 'taken_at', 'id'], name='payment_by_time'), models.Index(condition=models.Q(('reference', ''), _negated=True), fields=['company', 'reference'], name='payment_reference'), models.Index(condition=models.Q(('status', 'failed')), fields=['company', 'customer'], name='payment_failed')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='billing_payment_company'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='payment_amount'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'payment'), ('refunds__isnull', True)), models.Q(('kind', 'refund'), ('refunds__isnull', False)), _connector='OR'), name='payment_kind'), models.CheckConstraint(condition=models.Q(('status__in', ['succeeded', 'failed'])), name='payment_status')],
        },
    ),
    migrations.CreateModel(
        name='Plan',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('archived_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='archived at')),
            ('name', models.CharField(max_length=200, verbose_name='name')),
            ('price', config.tenancy.money_fields.MoneyField(verbose_name='price')),
            ('currency', config.tenancy.money_fields.CurrencyField(max_length=3, verbose_name='currency')),
            ('billing_period', models.CharField(choices=[('P1W', 'every week'), ('P1M', 'every month'), ('P3M', 'every three months'), ('P6M', 'every six months'), ('P1Y', 'every year')], max_length=3, verbose_name='billed')),
            ('grace_days', models.PositiveSmallIntegerField(default=0, verbose_name='days of grace')),
            ('minimum_periods', models.PositiveSmallIntegerField(default=0, verbose_name='periods at least')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('tax_behavior', config.tenancy.tax_fields.TaxBehaviorField(choices=[('inclusive', 'included in the price'), ('exclusive', 'added to the price')], db_default='exclusive', default='', max_length=9, verbose_name='tax is')),
            ('tax_rate', config.tenancy.tax_fields.TaxRateField(db_default=0, decimal_places=4, default=None, max_digits=7, verbose_name='tax in percent')),
        ],
        options={
            'verbose_name': 'plan',
            'verbose_name_plural': 'plans',
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='billing_plan_company'), models.CheckConstraint(condition=models.Q(('price__gte', 0)), name='plan_price_not_negative'), models.CheckConstraint(condition=models.Q(('billing_period__in', ['P1W', 'P1M', 'P3M', 'P6M', 'P1Y'])), name='plan_billing_period'), models.CheckConstraint(condition=models.Q(('tax_behavior__in', ['inclusive', 'exclusive']), ('tax_rate__gte', 0), ('tax_rate__lte', 100)), name='plan_taxed')],
        },
    ),
    migrations.CreateModel(
        name='Subscription',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('billing_period', models.CharField(choices=[('P1W', 'every week'), ('P1M', 'every month'), ('P3M', 'every three months'), ('P6M', 'every six months'), ('P1Y', 'every year')], editable=False, max_length=3, verbose_name='billed')),
            ('anchor_date', models.DateField(blank=True, verbose_name='began on')),
            ('periods_turned', models.PositiveIntegerField(default=0, editable=False)),
            ('grace_days', models.PositiveSmallIntegerField(editable=False, verbose_name='days of grace')),
            ('earliest_cancellation_date', models.DateField(editable=False, null=True, verbose_name='can be cancelled from')),
            ('paused_at', models.DateTimeField(editable=False, null=True, verbose_name='paused at')),
            ('suspended_at', models.DateTimeField(editable=False, null=True, verbose_name='suspended at')),
            ('cancelled_at', models.DateTimeField(editable=False, null=True, verbose_name='cancelled at')),
            ('renewal_date', models.GeneratedField(db_persist=True, expression=models.Case(models.When(cancelled_at__isnull=True, then=billing.models.subscriptions.DateAfter(models.F('anchor_date'), models.F('billing_period'), django.db.models.expressions.CombinedExpression(models.F('periods_turned'), '+', models.Value(1))))), output_field=models.DateField(null=True, verbose_name='renews on'))),
            ('state', models.GeneratedField(db_persist=True, expression=models.Case(models.When(cancelled_at__isnull=False, then=models.Value('CANCELLED')), models.When(suspended_at__isnull=False, then=models.Value('SUSPENDED')), models.When(paused_at__isnull=False, then=models.Value('PAUSED')), default=models.Value('ACTIVE')), output_field=models.CharField(choices=[('ACTIVE', 'active'), ('PAUSED', 'paused'), ('SUSPENDED', 'suspended'), ('CANCELLED', 'cancelled')], max_length=9, verbose_name='state'))),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('customer', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='subscriptions', to='customers.customer')),
            ('plan', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='subscriptions', to='billing.plan')),
            ('paused_until', models.DateField(editable=False, null=True, verbose_name='paused until')),
            ('pause_reason', models.CharField(blank=True, db_default='', default='', editable=False, max_length=500, verbose_name='paused because')),
        ],
        options={
            'verbose_name': 'subscription',
            'verbose_name_plural': 'subscriptions',
            'indexes': [models.Index(fields=['company', 'customer', 'id'], name='subscription_of_customer'), models.Index(condition=models.Q(('state', 'ACTIVE')), fields=['company', 'renewal_date'], name='subscription_due'), models.Index(condition=models.Q(('state', 'ACTIVE')), fields=['company', 'customer'], name='subscription_active'), models.Index(fields=['company', 'anchor_date'], name='subscription_began'), models.Index(condition=models.Q(('cancelled_at__isnull', False)), fields=['company', 'cancelled_at'], name='subscription_ended'), models.Index(condition=models.Q(('paused_until__isnull', False)), fields=['company', 'paused_until'], name='subscription_pause_ends')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='billing_subscription_company'), models.UniqueConstraint(condition=models.Q(('cancelled_at__isnull', True)), fields=('company', 'customer', 'plan'), name='subscription_once', violation_error_message='This customer has this plan already.'), models.CheckConstraint(condition=models.Q(('billing_period__in', ['P1W', 'P1M', 'P3M', 'P6M', 'P1Y'])), name='subscription_billing_period'), models.CheckConstraint(condition=models.Q(('paused_at__isnull', False), models.Q(('pause_reason', ''), ('paused_until__isnull', True)), _connector='OR'), name='subscription_pause_has_begun')],
        },
    ),
    migrations.CreateModel(
        name='SubscriptionPause',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('paused_at', models.DateTimeField(verbose_name='paused at')),
            ('resumed_at', models.DateTimeField(verbose_name='resumed at')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('subscription', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='pauses', to='billing.subscription')),
            ('reason', models.CharField(blank=True, db_default='', default='', max_length=500, verbose_name='paused because')),
        ],
        options={
            'verbose_name': 'pause',
            'verbose_name_plural': 'pauses',
            'indexes': [models.Index(fields=['company', 'subscription'], name='pause_of_subscription')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='billing_subscriptionpause_company'), models.CheckConstraint(condition=models.Q(('resumed_at__gte', models.F('paused_at'))), name='pause_ends_after_it_began')],
        },
    ),
    migrations.CreateModel(
        name='InvoiceLine',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('position', models.PositiveSmallIntegerField(verbose_name='position')),
            ('description', models.CharField(max_length=500, verbose_name='description')),
            ('quantity', models.PositiveIntegerField(default=1, verbose_name='quantity')),
            ('unit_price', config.tenancy.money_fields.MoneyField(verbose_name='price each')),
            ('total', config.tenancy.money_fields.MoneyField(editable=False, verbose_name='total')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('invoice', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='billing.invoice')),
            ('tax_behavior', config.tenancy.tax_fields.TaxBehaviorField(choices=[('inclusive', 'included in the price'), ('exclusive', 'added to the price')], db_default='exclusive', default='', max_length=9, verbose_name='tax is')),
            ('tax_rate', config.tenancy.tax_fields.TaxRateField(decimal_places=4, default=None, max_digits=7, verbose_name='tax in percent')),
            ('subscription', config.tenancy.models.TenantForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invoice_lines', to='billing.subscription')),
            ('period_from', models.DateField(editable=False, null=True, verbose_name='for the period from')),
            ('period_to', models.DateField(editable=False, null=True, verbose_name='for the period until')),
        ],
        options={
            'verbose_name': 'line',
            'verbose_name_plural': 'lines',
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='billing_invoiceline_company'), models.UniqueConstraint(fields=('company', 'invoice', 'position'), name='invoice_line_position'), models.CheckConstraint(condition=models.Q(('quantity__gte', 1), ('unit_price__gte', 0)), name='invoice_line_amounts'), models.CheckConstraint(condition=models.Q(('total', django.db.models.expressions.CombinedExpression(models.F('quantity'), '*', models.F('unit_price')))), name='invoice_line_total'), models.CheckConstraint(condition=models.Q(('tax_behavior__in', ['inclusive', 'exclusive']), ('tax_rate__gte', 0), ('tax_rate__lte', 100)), name='invoice_line_taxed'), models.CheckConstraint(condition=models.Q(models.Q(('period_from__isnull', True), ('period_to__isnull', True), ('subscription__isnull', True)), models.Q(('period_from__lt', models.F('period_to')), ('subscription__isnull', False)), _connector='OR'), name='invoice_line_period')],
            'indexes': [models.Index(condition=models.Q(('subscription__isnull', False)), fields=['company', 'subscription'], name='invoice_line_of_subscription')],
        },
    ),
    migrations.CreateModel(
        name='InvoiceSeries',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('year', models.PositiveSmallIntegerField()),
            ('last', models.PositiveIntegerField()),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
        ],
        options={
            'verbose_name': 'invoice series',
            'verbose_name_plural': 'invoice series',
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='billing_invoiceseries_company'), models.UniqueConstraint(fields=('company', 'year'), name='invoice_series_once')],
        },
    ),
    migrations.CreateModel(
        name='CreditNote',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('number', models.CharField(max_length=20, verbose_name='number')),
            ('kind', models.CharField(choices=[('refund', 'refund'), ('returned', 'credit given back'), ('reduction', 'reduction'), ('write_off', 'write-off')], max_length=9, verbose_name='kind')),
            ('currency', config.tenancy.money_fields.CurrencyField(max_length=3, verbose_name='currency')),
            ('total', config.tenancy.money_fields.MoneyField(verbose_name='total')),
            ('tax', config.tenancy.money_fields.MoneyField(verbose_name='tax')),
            ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
            ('issued_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='issued at')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('customer', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='credit_notes', to='customers.customer')),
            ('invoice', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='credit_notes', to='billing.invoice')),
            ('refund', config.tenancy.models.TenantForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='credit_notes', to='billing.payment', verbose_name='refund')),
        ],
        options={
            'verbose_name': 'credit note',
            'verbose_name_plural': 'credit notes',
            'indexes': [models.Index(fields=['company', 'customer', 'id'], name='credit_note_of_customer'), models.Index(fields=['company', 'invoice'], name='credit_note_of_invoice'), models.Index(fields=['company', 'issued_at', 'id'], name='credit_note_by_time')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='billing_creditnote_company'), models.UniqueConstraint(fields=('company', 'number'), name='credit_note_number_once'), models.UniqueConstraint(condition=models.Q(('refund__isnull', False)), fields=('company', 'refund'), name='credit_note_refund_once'), models.CheckConstraint(condition=models.Q(('tax__gte', 0), ('tax__lte', models.F('total')), ('total__gt', 0)), name='credit_note_total'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'refund'), ('refund__isnull', False)), models.Q(('kind__in', ('returned', 'reduction', 'write_off')), ('refund__isnull', True)), _connector='OR'), name='credit_note_kind')],
        },
    ),
    migrations.CreateModel(
        name='CreditNoteSeries',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('year', models.PositiveSmallIntegerField()),
            ('last', models.PositiveIntegerField()),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
        ],
        options={
            'verbose_name': 'credit note series',
            'verbose_name_plural': 'credit note series',
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='billing_creditnoteseries_company'), models.UniqueConstraint(fields=('company', 'year'), name='credit_note_series_once')],
        },
    ),
    migrations.CreateModel(
        name='CreditNoteTax',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('tax_rate', models.DecimalField(decimal_places=4, max_digits=7, verbose_name='tax in percent')),
            ('tax_behavior', models.CharField(max_length=9, verbose_name='tax is')),
            ('amount', config.tenancy.money_fields.MoneyField(verbose_name='amount')),
            ('tax', config.tenancy.money_fields.MoneyField(verbose_name='tax')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('credit_note', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='taxes', to='billing.creditnote')),
        ],
        options={
            'verbose_name': 'tax of a credit note',
            'verbose_name_plural': 'taxes of credit notes',
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='billing_creditnotetax_company'), models.UniqueConstraint(fields=('company', 'credit_note', 'tax_rate', 'tax_behavior'), name='credit_note_tax_once'), models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('tax__gte', 0)), name='credit_note_tax_amounts'), models.CheckConstraint(condition=models.Q(('tax_behavior__in', ('inclusive', 'exclusive'))), name='credit_note_tax_behavior')],
        },
    ),
    RunSqlFiles(
        "sql/invoices.sql", "sql/payments.sql", "sql/credit_notes.sql", "sql/previous_release.sql"
    ),
    ProtectTable("billing_paymentmethod", {"customer_id": "customers_customer"}),
    ProtectTable("billing_plan"),
    ProtectTable(
        "billing_subscription", {"customer_id": "customers_customer", "plan_id": "billing_plan"}
    ),
    ProtectTable("billing_subscriptionpause", {"subscription_id": "billing_subscription"}, ONCE),
    ProtectTable(
        "billing_invoice",
        {"customer_id": "customers_customer", "payment_method_id": "billing_paymentmethod"},
        (*ONCE, MILESTONES),
    ),
    ProtectTable(
        "billing_invoiceline",
        {"invoice_id": "billing_invoice", "subscription_id": "billing_subscription"},
        ONCE,
    ),
    ProtectTable("billing_invoiceseries", {}, (*ONCE, "UPDATE (last)")),
    ProtectTable(
        "billing_payment",
        {
            "customer_id": "customers_customer",
            "invoice_id": "billing_invoice",
            "refunds_id": "billing_payment",
            "payment_method_id": "billing_paymentmethod",
        },
        ONCE,
    ),
    ProtectTable(
        "billing_creditnote",
        {
            "customer_id": "customers_customer",
            "invoice_id": "billing_invoice",
            "refund_id": "billing_payment",
        },
        ONCE,
    ),
    ProtectTable("billing_creditnotetax", {"credit_note_id": "billing_creditnote"}, ONCE),
    ProtectTable("billing_creditnoteseries", {}, (*ONCE, "UPDATE (last)")),
    KeepChanges("billing_paymentmethod", customer="customer_id", secret=("token",)),
    KeepChanges("billing_plan"),
    KeepChanges("billing_subscription", customer="customer_id"),
    KeepChanges("billing_subscriptionpause", customer=("subscription_id", "billing_subscription")),
    KeepChanges("billing_invoice", customer="customer_id"),
    KeepChanges("billing_invoiceline", customer=("invoice_id", "billing_invoice")),
    KeepChanges("billing_payment", customer="customer_id"),
    KeepChanges("billing_creditnote", customer="customer_id"),
    GrantExecute(
        "billing_tax_on(bigint, numeric, text)",
        "billing_taxes_hold(jsonb, bigint, bigint)",
        "billing_tax_on_top(jsonb)",
    ),
]
