"""The operations that make what migrations 0001 to 0019 of this app make.

`access.0002_squashed_0023_refuse_duplicates` runs them in a new database.
"""

import billing.models.taxes
import config.tenancy.ids
import config.tenancy.models
import config.tenancy.money_fields
import config.tenancy.tax_fields
import config.times
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from config.changes.operations import KeepChanges
from config.server.operations import RunSqlFiles
from config.tenancy.operations import ProtectTable

operations = [
    RunSqlFiles("sql/today.sql"),
    migrations.CreateModel(
        name='Coupon',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('archived_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='archived at')),
            ('entitlement', models.CharField(choices=[('amount', 'an amount'), ('percentage', 'a percentage off'), ('offering', 'an offering')], max_length=20, verbose_name='gives')),
            ('amount', models.PositiveBigIntegerField(blank=True, null=True, verbose_name='amount')),
            ('percentage', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='percentage')),
            ('offering', models.CharField(blank=True, max_length=200, verbose_name='offering')),
            ('multi_use', models.BooleanField(default=False, verbose_name='any number of uses')),
            ('currency', models.CharField(max_length=3, verbose_name='currency')),
            ('name', models.CharField(max_length=200, verbose_name='name')),
            ('description', models.TextField(blank=True, max_length=2000, verbose_name='description')),
            ('code', models.CharField(blank=True, max_length=60, verbose_name='code')),
            ('valid_for', models.CharField(blank=True, max_length=20, verbose_name='lasts')),
            ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('offering_id', models.CharField(blank=True, db_default='', editable=False, max_length=40)),
        ],
        options={
            'verbose_name': 'coupon',
            'verbose_name_plural': 'coupons',
            'indexes': [models.Index(fields=['company', 'code'], name='coupon_code')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='credits_coupon_company'), models.CheckConstraint(condition=models.Q(models.Q(('amount__gt', 0), ('entitlement', 'amount'), ('multi_use', False), ('offering', ''), ('percentage__isnull', True)), models.Q(('amount__isnull', True), ('entitlement', 'percentage'), ('offering', ''), ('percentage__gte', 1), ('percentage__lte', 100)), models.Q(('amount__isnull', True), ('entitlement', 'offering'), ('percentage__isnull', True), models.Q(('offering', ''), _negated=True)), _connector='OR'), name='coupon_terms'), models.UniqueConstraint(condition=models.Q(('archived_at__isnull', True), models.Q(('code', ''), _negated=True)), fields=('company', 'code'), name='coupon_code_once', violation_error_message='Another coupon has this code.')],
        },
    ),
    migrations.CreateModel(
        name='CreditRule',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('archived_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='archived at')),
            ('every', models.CharField(choices=[('billing_cycle', 'every billing period'), ('P0D', 'once'), ('P1M', 'every month'), ('P3M', 'every three months'), ('P6M', 'every six months'), ('P1Y', 'every year')], max_length=20, verbose_name='how often')),
            ('on_sign_up', models.BooleanField(default=True, verbose_name='the first one on sign-up')),
            ('rolls_over', models.BooleanField(default=False, verbose_name='rolls over')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('coupon', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='rules', to='credits.coupon')),
            ('plan', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='credit_rules', to='billing.plan')),
        ],
        options={
            'verbose_name': 'credit rule',
            'verbose_name_plural': 'credit rules',
            'indexes': [models.Index(fields=['company', 'plan'], name='credit_rule_of_plan')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='credits_creditrule_company')],
        },
    ),
    migrations.CreateModel(
        name='Credit',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('entitlement', models.CharField(choices=[('amount', 'an amount'), ('percentage', 'a percentage off'), ('offering', 'an offering')], max_length=20, verbose_name='gives')),
            ('amount', models.PositiveBigIntegerField(blank=True, null=True, verbose_name='amount')),
            ('percentage', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='percentage')),
            ('offering', models.CharField(blank=True, max_length=200, verbose_name='offering')),
            ('multi_use', models.BooleanField(default=False, verbose_name='any number of uses')),
            ('currency', models.CharField(max_length=3, verbose_name='currency')),
            ('balance', models.BigIntegerField(verbose_name='balance')),
            ('times_redeemed', models.PositiveIntegerField(default=0, verbose_name='times used')),
            ('redeemed_at', models.DateTimeField(editable=False, null=True, verbose_name='used up at')),
            ('revoked_at', models.DateTimeField(editable=False, null=True, verbose_name='revoked at')),
            ('expired_at', models.DateTimeField(editable=False, null=True, verbose_name='expired at')),
            ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
            ('period_start', models.DateField(editable=False, null=True, verbose_name='for the period from')),
            ('revenue', models.PositiveBigIntegerField(blank=True, null=True, verbose_name='revenue')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('coupon', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='credits', to='credits.coupon')),
            ('customer', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='credits', to='customers.customer')),
            ('subscription', config.tenancy.models.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='credits', to='billing.subscription')),
            ('rule', config.tenancy.models.TenantForeignKey(db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='credits', to='credits.creditrule')),
            ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='ends')),
            ('payment', config.tenancy.models.TenantForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.payment')),
        ],
        options={
            'verbose_name': 'credit',
            'verbose_name_plural': 'credits',
            'indexes': [models.Index(fields=['company', 'customer', 'id'], name='credit_of_customer'), models.Index(condition=models.Q(('redeemed_at__isnull', True), ('revoked_at__isnull', True), ('expired_at__isnull', True)), fields=['company', 'customer'], name='credit_unfinished'), models.Index(fields=['company', 'expires_at', 'id'], name='credit_by_end'), models.Index(condition=models.Q(('redeemed_at__isnull', True), ('revoked_at__isnull', True), ('expired_at__isnull', True)), fields=['company', 'expires_at'], include=('entitlement', 'currency', 'balance'), name='credit_unfinished_by_end'), models.Index(condition=models.Q(('payment__isnull', False)), fields=['company', 'payment'], name='credit_of_payment')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='credits_credit_company'), models.CheckConstraint(condition=models.Q(('balance__gte', 0)), name='credits_credit_balance'), models.CheckConstraint(condition=models.Q(models.Q(('redeemed_at__isnull', True), ('revoked_at__isnull', True)), models.Q(('expired_at__isnull', True), ('redeemed_at__isnull', True)), models.Q(('expired_at__isnull', True), ('revoked_at__isnull', True)), _connector='OR'), name='credits_credit_one_end'), models.CheckConstraint(condition=models.Q(('balance', 0), models.Q(('expired_at__isnull', True), ('redeemed_at__isnull', True), ('revoked_at__isnull', True)), _connector='OR'), name='credits_credit_nothing_left'), models.CheckConstraint(condition=models.Q(models.Q(('amount__gt', 0), ('entitlement', 'amount'), ('multi_use', False), ('offering', ''), ('percentage__isnull', True)), models.Q(('amount__isnull', True), ('entitlement', 'percentage'), ('offering', ''), ('percentage__gte', 1), ('percentage__lte', 100)), models.Q(('amount__isnull', True), ('entitlement', 'offering'), ('percentage__isnull', True), models.Q(('offering', ''), _negated=True)), _connector='OR'), name='credit_terms'), models.UniqueConstraint(fields=('company', 'rule', 'subscription', 'period_start'), name='credit_once_a_period'), models.CheckConstraint(condition=models.Q(models.Q(('period_start__isnull', True), ('rule__isnull', True)), models.Q(('period_start__isnull', False), ('rule__isnull', False), ('subscription__isnull', False)), _connector='OR'), name='credit_rule_has_period')],
        },
    ),
    migrations.CreateModel(
        name='PassProduct',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('archived_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='archived at')),
            ('name', models.CharField(max_length=200, verbose_name='name')),
            ('visits', models.PositiveIntegerField(verbose_name='visits')),
            ('price', models.PositiveBigIntegerField(verbose_name='price')),
            ('currency', models.CharField(max_length=3, verbose_name='currency')),
            ('valid_for', models.CharField(blank=True, max_length=20, verbose_name='lasts')),
            ('offerings', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, verbose_name='good for')),
            ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('tax_behavior', config.tenancy.tax_fields.TaxBehaviorField(choices=[('inclusive', 'included in the price'), ('exclusive', 'added to the price')], db_default='exclusive', default='', max_length=9, verbose_name='tax is')),
            ('tax_rate', config.tenancy.tax_fields.TaxRateField(db_default=0, decimal_places=4, default=None, max_digits=7, verbose_name='tax in percent')),
            ('offering_ids', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), editable=False, null=True)),
        ],
        options={
            'verbose_name': 'pass',
            'verbose_name_plural': 'passes',
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='credits_passproduct_company'), models.CheckConstraint(condition=models.Q(('visits__gte', 1)), name='pass_product_visits'), models.CheckConstraint(condition=models.Q(('tax_behavior__in', ['inclusive', 'exclusive']), ('tax_rate__gte', 0), ('tax_rate__lte', 100)), name='pass_product_taxed')],
        },
    ),
    migrations.CreateModel(
        name='PassPurchase',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('balance', models.BigIntegerField(verbose_name='balance')),
            ('times_redeemed', models.PositiveIntegerField(default=0, verbose_name='times used')),
            ('redeemed_at', models.DateTimeField(editable=False, null=True, verbose_name='used up at')),
            ('revoked_at', models.DateTimeField(editable=False, null=True, verbose_name='revoked at')),
            ('expired_at', models.DateTimeField(editable=False, null=True, verbose_name='expired at')),
            ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
            ('visits', models.PositiveIntegerField(verbose_name='visits')),
            ('price', models.PositiveBigIntegerField(verbose_name='price')),
            ('currency', models.CharField(max_length=3, verbose_name='currency')),
            ('offerings', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list)),
            ('purchased_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='sold at')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('customer', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='passes', to='customers.customer')),
            ('product', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='purchases', to='credits.passproduct')),
            ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='ends')),
            ('tax', config.tenancy.money_fields.MoneyField(db_default=0, editable=False, verbose_name='tax')),
            ('tax_behavior', config.tenancy.tax_fields.TaxBehaviorField(choices=[('inclusive', 'included in the price'), ('exclusive', 'added to the price')], db_default='exclusive', default='', max_length=9, verbose_name='tax is')),
            ('tax_rate', config.tenancy.tax_fields.TaxRateField(db_default=0, decimal_places=4, default=None, max_digits=7, verbose_name='tax in percent')),
            ('invoice', config.tenancy.models.TenantForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='passes', to='billing.invoice')),
        ],
        options={
            'verbose_name': 'pass sold',
            'verbose_name_plural': 'passes sold',
            'indexes': [models.Index(fields=['company', 'customer', 'id'], name='pass_of_customer'), models.Index(condition=models.Q(('invoice__isnull', False)), fields=['company', 'invoice'], name='pass_of_invoice')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='credits_passpurchase_company'), models.CheckConstraint(condition=models.Q(('balance__gte', 0)), name='credits_passpurchase_balance'), models.CheckConstraint(condition=models.Q(models.Q(('redeemed_at__isnull', True), ('revoked_at__isnull', True)), models.Q(('expired_at__isnull', True), ('redeemed_at__isnull', True)), models.Q(('expired_at__isnull', True), ('revoked_at__isnull', True)), _connector='OR'), name='credits_passpurchase_one_end'), models.CheckConstraint(condition=models.Q(('balance', 0), models.Q(('expired_at__isnull', True), ('redeemed_at__isnull', True), ('revoked_at__isnull', True)), _connector='OR'), name='credits_passpurchase_nothing_left'), models.CheckConstraint(condition=models.Q(('tax_behavior__in', ['inclusive', 'exclusive']), ('tax_rate__gte', 0), ('tax_rate__lte', 100)), name='pass_purchase_taxed'), models.CheckConstraint(condition=models.Q(('tax', billing.models.taxes.TaxOn(models.F('price'), models.F('tax_rate'), models.F('tax_behavior')))), name='pass_purchase_tax')],
        },
    ),
    migrations.CreateModel(
        name='Entry',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('kind', models.CharField(choices=[('issue', 'issued'), ('redeem', 'used'), ('revoke', 'revoked'), ('expire', 'expired'), ('reverse', 'given back')], max_length=10, verbose_name='what happened')),
            ('amount', models.BigIntegerField(verbose_name='amount')),
            ('reference', models.CharField(blank=True, max_length=200, verbose_name='reference')),
            ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
            ('actor_name', models.CharField(max_length=255, verbose_name='by')),
            ('created_at', models.DateTimeField(db_default=config.times.Clock(), editable=False, verbose_name='at')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('credit', config.tenancy.models.TenantForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='credits.credit')),
            ('reverses', config.tenancy.models.TenantForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversals', to='credits.entry')),
            ('purchase', config.tenancy.models.TenantForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='credits.passpurchase')),
            ('covered', config.tenancy.money_fields.MoneyField(null=True, verbose_name='paid of an invoice')),
        ],
        options={
            'verbose_name': 'ledger entry',
            'verbose_name_plural': 'ledger entries',
            'indexes': [models.Index(fields=['company', 'credit', 'id'], name='entry_of_credit'), models.Index(fields=['company', 'purchase', 'id'], name='entry_of_purchase'), models.Index(condition=models.Q(('reference', ''), _negated=True), fields=['company', 'reference'], name='entry_reference')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='credits_entry_company'), models.CheckConstraint(condition=models.Q(models.Q(('credit__isnull', False), ('purchase__isnull', True)), models.Q(('credit__isnull', True), ('purchase__isnull', False)), _connector='OR'), name='entry_of_one_holding'), models.CheckConstraint(condition=models.Q(models.Q(('amount__gt', 0), ('kind', 'issue')), models.Q(('amount__lte', 0), ('kind__in', ('redeem', 'revoke', 'expire'))), models.Q(('amount__gte', 0), ('kind', 'reverse')), _connector='OR'), name='entry_sign'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'reverse'), ('reverses__isnull', False)), models.Q(models.Q(('kind', 'reverse'), _negated=True), ('reverses__isnull', True)), _connector='OR'), name='entry_reversal_of_something'), models.UniqueConstraint(condition=models.Q(('reverses__isnull', False)), fields=('company', 'reverses'), name='entry_reversed_once'), models.UniqueConstraint(condition=models.Q(('credit__isnull', False), ('kind__in', ('issue',))), fields=('company', 'credit'), name='entry_credit_issued_once'), models.UniqueConstraint(condition=models.Q(('credit__isnull', False), ('kind__in', ('revoke', 'expire'))), fields=('company', 'credit'), name='entry_credit_ended_once'), models.UniqueConstraint(condition=models.Q(('credit__isnull', False), ('kind__in', ('redeem',))), fields=('company', 'credit', 'reference'), name='entry_credit_reference_once'), models.UniqueConstraint(condition=models.Q(('kind__in', ('issue',)), ('purchase__isnull', False)), fields=('company', 'purchase'), name='entry_purchase_issued_once'), models.UniqueConstraint(condition=models.Q(('kind__in', ('revoke', 'expire')), ('purchase__isnull', False)), fields=('company', 'purchase'), name='entry_purchase_ended_once'), models.UniqueConstraint(condition=models.Q(('kind__in', ('redeem',)), ('purchase__isnull', False)), fields=('company', 'purchase', 'reference'), name='entry_purchase_reference_once')],
        },
    ),
    migrations.CreateModel(
        name='Goodwill',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('amount', config.tenancy.money_fields.MoneyField(verbose_name='amount')),
            ('currency', config.tenancy.money_fields.CurrencyField(editable=False, max_length=3, verbose_name='currency')),
            ('reason', models.CharField(max_length=500, verbose_name='reason')),
            ('asked_by', models.CharField(editable=False, max_length=255, verbose_name='asked by')),
            ('asked_by_credential', models.UUIDField(editable=False, null=True)),
            ('decision', models.CharField(blank=True, choices=[('given', 'given at once'), ('approved', 'approved'), ('refused', 'refused')], editable=False, max_length=8, verbose_name='decision')),
            ('decided_by', models.CharField(blank=True, editable=False, max_length=255, verbose_name='decided by')),
            ('decided_by_credential', models.UUIDField(editable=False, null=True)),
            ('decided_at', models.DateTimeField(editable=False, null=True, verbose_name='decided at')),
            ('decision_reason', models.CharField(blank=True, editable=False, max_length=500, verbose_name='refused because')),
            ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('credit', config.tenancy.models.TenantForeignKey(db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='credits.credit')),
            ('customer', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='goodwill', to='customers.customer')),
        ],
        options={
            'verbose_name': 'goodwill',
            'verbose_name_plural': 'goodwill',
            'indexes': [models.Index(fields=['company', 'customer', 'id'], name='goodwill_of_customer'), models.Index(condition=models.Q(('decision', '')), fields=['company', 'id'], name='goodwill_waiting')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='credits_goodwill_company'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='goodwill_amount'), models.CheckConstraint(condition=models.Q(models.Q(('credit__isnull', True), ('decided_at__isnull', True), ('decision', '')), models.Q(('credit__isnull', False), ('decided_at__isnull', False), ('decision__in', ('given', 'approved'))), models.Q(('credit__isnull', True), ('decided_at__isnull', False), ('decision', 'refused')), _connector='OR'), name='goodwill_decision'), models.CheckConstraint(condition=models.Q(models.Q(('decision__in', ('approved', 'refused')), _negated=True), ('asked_by_credential__isnull', True), ('decided_by_credential__isnull', True), models.Q(('decided_by_credential', models.F('asked_by_credential')), _negated=True), _connector='OR'), name='goodwill_second_person'), models.UniqueConstraint(condition=models.Q(('credit__isnull', False)), fields=('company', 'credit'), name='goodwill_credit')],
        },
    ),
    # The previous release writes the last day of a credit and of a pass.
    migrations.RunSQL("ALTER TABLE credits_credit ADD expiry_date date"),
    migrations.RunSQL("ALTER TABLE credits_passpurchase ADD expiry_date date"),
    RunSqlFiles("sql/ledger.sql", "sql/previous_release.sql"),
    ProtectTable("credits_coupon"),
    ProtectTable("credits_creditrule", {"plan_id": "billing_plan", "coupon_id": "credits_coupon"}),
    ProtectTable(
        "credits_credit",
        {
            "coupon_id": "credits_coupon",
            "customer_id": "customers_customer",
            "subscription_id": "billing_subscription",
            "rule_id": "credits_creditrule",
            "payment_id": "billing_payment",
        },
    ),
    ProtectTable("credits_passproduct"),
    ProtectTable(
        "credits_passpurchase",
        {
            "product_id": "credits_passproduct",
            "customer_id": "customers_customer",
            "invoice_id": "billing_invoice",
        },
    ),
    ProtectTable(
        "credits_entry",
        {
            "credit_id": "credits_credit",
            "purchase_id": "credits_passpurchase",
            "reverses_id": "credits_entry",
        },
        ("SELECT", "INSERT"),
    ),
    ProtectTable(
        "credits_goodwill", {"customer_id": "customers_customer", "credit_id": "credits_credit"}
    ),
    KeepChanges("credits_coupon"),
    KeepChanges("credits_creditrule"),
    KeepChanges("credits_credit", ("expiry_date",), customer="customer_id"),
    KeepChanges("credits_passproduct"),
    KeepChanges("credits_passpurchase", ("expiry_date",), customer="customer_id"),
    KeepChanges(
        "credits_entry",
        customer=(("credit_id", "credits_credit"), ("purchase_id", "credits_passpurchase")),
    ),
    KeepChanges("credits_goodwill", customer="customer_id"),
]
