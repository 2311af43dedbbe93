"""The operations that make what migrations 0001 to 0014 of this app make.

`access.0002_squashed_0023_refuse_duplicates` runs them in a new database.
"""

import billing.models.taxes
import bookings.models.engagements
import config.tenancy.ids
import config.tenancy.models
import config.tenancy.money_fields
import config.tenancy.tax_fields
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.db import migrations, models

from config.changes.operations import KeepChanges
from config.server.operations import RunSqlFiles
from config.tenancy.operations import ProtectTable

ONCE = ("SELECT", "INSERT")
# The database alone counts the spaces that are taken.
DATES = "UPDATE (facilitator_id, starts_at, duration, capacity, cancelled_at, updated_at)"

operations = [
    # An exclusion constraint compares ranges of ids with &&, which GiST has for every range in
    # every PostgreSQL, where = on a bare id would need an extension.
    migrations.RunSQL("CREATE TYPE bookings_uuidrange AS RANGE (SUBTYPE = uuid)"),
    migrations.CreateModel(
        name='Event',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('archived_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='archived at')),
            ('name', models.CharField(max_length=200, verbose_name='name')),
            ('description', models.TextField(blank=True, max_length=2000, verbose_name='description')),
            ('tax_rate', config.tenancy.tax_fields.TaxRateField(decimal_places=4, default=None, max_digits=7, verbose_name='tax in percent')),
            ('currency', config.tenancy.money_fields.CurrencyField(editable=False, max_length=3, verbose_name='currency')),
            ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('tax_behavior', config.tenancy.tax_fields.TaxBehaviorField(choices=[('inclusive', 'included in the price'), ('exclusive', 'added to the price')], db_default='exclusive', default='', max_length=9, verbose_name='tax is')),
        ],
        options={
            'verbose_name': 'event',
            'verbose_name_plural': 'events',
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='bookings_event_company'), models.CheckConstraint(condition=models.Q(('tax_rate__gte', 0), ('tax_rate__lte', 100)), name='event_tax_rate'), models.CheckConstraint(condition=models.Q(('tax_behavior__in', ['inclusive', 'exclusive'])), name='event_tax_behavior')],
        },
    ),
    migrations.CreateModel(
        name='Facilitator',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('archived_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='archived at')),
            ('name', models.CharField(max_length=200, verbose_name='name')),
            ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
            ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
        ],
        options={
            'verbose_name': 'facilitator',
            'verbose_name_plural': 'facilitators',
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='bookings_facilitator_company')],
        },
    ),
    migrations.CreateModel(
        name='EventDate',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('starts_at', models.DateTimeField(verbose_name='begins')),
            ('duration', models.PositiveIntegerField(verbose_name='minutes')),
            ('capacity', models.PositiveIntegerField(verbose_name='spaces')),
            ('spaces_taken', models.PositiveIntegerField(db_default=0, editable=False, verbose_name='taken')),
            ('cancelled_at', models.DateTimeField(editable=False, null=True, verbose_name='cancelled at')),
            ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('event', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='dates', to='bookings.event')),
            ('facilitator', config.tenancy.models.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='dates', to='bookings.facilitator', verbose_name='led by')),
        ],
        options={
            'verbose_name': 'event date',
            'verbose_name_plural': 'event dates',
            'indexes': [models.Index(fields=['company', 'event', 'starts_at'], name='event_date_of_event'), models.Index(fields=['company', 'starts_at', 'id'], name='event_date_by_time')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='bookings_eventdate_company'), models.UniqueConstraint(fields=('id', 'starts_at', 'duration'), name='event_date_when'), models.CheckConstraint(condition=models.Q(('duration__gte', 1), ('duration__lte', 10080)), name='event_date_duration'), models.CheckConstraint(condition=models.Q(('spaces_taken__gte', 0), ('spaces_taken__lte', models.F('capacity'))), name='event_date_capacity'), models.CheckConstraint(condition=models.Q(('cancelled_at__isnull', True), ('spaces_taken', 0), _connector='OR'), name='event_date_cancelled_is_empty')],
        },
    ),
    migrations.CreateModel(
        name='Engagement',
        fields=[
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
            ('during', django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name='during')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('facilitator', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='engagements', to='bookings.facilitator')),
        ],
        options={
            'verbose_name': 'engagement',
            'verbose_name_plural': 'engagements',
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='bookings_engagement_company'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(bookings.models.engagements.JustThis('facilitator'), '&&'), ('during', '&&')], name='facilitator_one_at_a_time')],
        },
    ),
    migrations.CreateModel(
        name='Media',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('archived_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='archived at')),
            ('name', models.CharField(max_length=200, verbose_name='name')),
            ('description', models.TextField(blank=True, max_length=2000, verbose_name='description')),
            ('price', config.tenancy.money_fields.MoneyField(verbose_name='price')),
            ('currency', config.tenancy.money_fields.CurrencyField(editable=False, max_length=3, verbose_name='currency')),
            ('valid_for', models.CharField(blank=True, max_length=20, verbose_name='lasts')),
            ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('tax_behavior', config.tenancy.tax_fields.TaxBehaviorField(choices=[('inclusive', 'included in the price'), ('exclusive', 'added to the price')], db_default='exclusive', default='', max_length=9, verbose_name='tax is')),
            ('tax_rate', config.tenancy.tax_fields.TaxRateField(db_default=0, decimal_places=4, default=None, max_digits=7, verbose_name='tax in percent')),
        ],
        options={
            'verbose_name': 'video or other medium',
            'verbose_name_plural': 'videos and other media',
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='bookings_media_company'), models.CheckConstraint(condition=models.Q(('price__gte', 0)), name='media_price'), models.CheckConstraint(condition=models.Q(('tax_behavior__in', ['inclusive', 'exclusive']), ('tax_rate__gte', 0), ('tax_rate__lte', 100)), name='media_taxed')],
        },
    ),
    migrations.CreateModel(
        name='MediaPurchase',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('total', config.tenancy.money_fields.MoneyField(editable=False, verbose_name='total')),
            ('currency', config.tenancy.money_fields.CurrencyField(editable=False, max_length=3, verbose_name='currency')),
            ('covered', config.tenancy.money_fields.MoneyField(default=0, editable=False, verbose_name='covered by a pass or credit')),
            ('expires_on', models.DateField(blank=True, null=True, verbose_name='last day')),
            ('purchased_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='sold at')),
            ('cancelled_at', models.DateTimeField(editable=False, null=True, verbose_name='cancelled at')),
            ('cancelled_by', models.CharField(blank=True, editable=False, max_length=255, verbose_name='cancelled by')),
            ('reason', models.CharField(blank=True, editable=False, max_length=500, verbose_name='cancelled because')),
            ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('customer', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='media_purchases', to='customers.customer')),
            ('entry', config.tenancy.models.TenantForeignKey(db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='credits.entry')),
            ('media', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='purchases', to='bookings.media')),
            ('payment', config.tenancy.models.TenantForeignKey(db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.payment')),
            ('refund', config.tenancy.models.TenantForeignKey(db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.payment')),
            ('tax', config.tenancy.money_fields.MoneyField(db_default=0, editable=False, verbose_name='tax')),
            ('tax_behavior', config.tenancy.tax_fields.TaxBehaviorField(choices=[('inclusive', 'included in the price'), ('exclusive', 'added to the price')], db_default='exclusive', default='', max_length=9, verbose_name='tax is')),
            ('tax_rate', config.tenancy.tax_fields.TaxRateField(db_default=0, decimal_places=4, default=None, max_digits=7, verbose_name='tax in percent')),
            ('invoice', config.tenancy.models.TenantForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.invoice')),
        ],
        options={
            'verbose_name': 'video sold',
            'verbose_name_plural': 'videos sold',
            'indexes': [models.Index(fields=['company', 'customer', 'id'], name='media_of_customer'), models.Index(condition=models.Q(('invoice__isnull', False)), fields=['company', 'invoice'], name='media_of_invoice'), models.Index(condition=models.Q(('cancelled_at__isnull', True), ('covered__lt', models.F('total')), ('payment__isnull', True)), fields=['company', 'customer'], name='media_to_pay')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='bookings_mediapurchase_company'), models.CheckConstraint(condition=models.Q(('covered__gte', 0), ('covered__lte', models.F('total')), models.Q(('covered', 0), ('entry__isnull', False), _connector='OR')), name='bookings_mediapurchase_covered'), models.UniqueConstraint(condition=models.Q(('entry__isnull', False)), fields=('company', 'entry'), name='bookings_mediapurchase_entry'), models.CheckConstraint(condition=models.Q(('tax_behavior__in', ['inclusive', 'exclusive']), ('tax_rate__gte', 0), ('tax_rate__lte', 100)), name='media_purchase_taxed'), models.CheckConstraint(condition=models.Q(('tax', billing.models.taxes.TaxOn(models.F('total'), models.F('tax_rate'), models.Value('inclusive')))), name='media_purchase_tax')],
        },
    ),
    migrations.CreateModel(
        name='PricingOption',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('archived_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='archived at')),
            ('name', models.CharField(max_length=200, verbose_name='name')),
            ('price', config.tenancy.money_fields.MoneyField(verbose_name='price')),
            ('visits', models.PositiveIntegerField(default=1, verbose_name='visits of a pass')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('event', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='pricing_options', to='bookings.event')),
            ('tax_behavior', config.tenancy.tax_fields.TaxBehaviorField(choices=[('inclusive', 'included in the price'), ('exclusive', 'added to the price')], db_default='exclusive', default='', max_length=9, verbose_name='tax is')),
            ('tax_rate', config.tenancy.tax_fields.TaxRateField(decimal_places=4, default=None, max_digits=7, verbose_name='tax in percent')),
        ],
        options={
            'verbose_name': 'pricing option',
            'verbose_name_plural': 'pricing options',
            'indexes': [models.Index(fields=['company', 'event'], name='pricing_option_of_event')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='bookings_pricingoption_company'), models.UniqueConstraint(condition=models.Q(('archived_at__isnull', True)), fields=('company', 'event', 'name'), name='pricing_option_once', violation_error_message='This event has a pricing option of this name.'), models.CheckConstraint(condition=models.Q(('price__gte', 0), ('visits__gte', 1)), name='pricing_option_price'), models.CheckConstraint(condition=models.Q(('tax_behavior__in', ['inclusive', 'exclusive']), ('tax_rate__gte', 0), ('tax_rate__lte', 100)), name='pricing_option_taxed')],
        },
    ),
    migrations.CreateModel(
        name='Service',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('archived_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='archived at')),
            ('name', models.CharField(max_length=200, verbose_name='name')),
            ('description', models.TextField(blank=True, max_length=2000, verbose_name='description')),
            ('duration', models.PositiveIntegerField(verbose_name='minutes')),
            ('price', config.tenancy.money_fields.MoneyField(default=0, verbose_name='price')),
            ('tax_rate', config.tenancy.tax_fields.TaxRateField(decimal_places=4, default=None, max_digits=7, verbose_name='tax in percent')),
            ('currency', config.tenancy.money_fields.CurrencyField(editable=False, max_length=3, verbose_name='currency')),
            ('configuration', models.JSONField(blank=True, default=dict, verbose_name='configuration')),
            ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('tax_behavior', config.tenancy.tax_fields.TaxBehaviorField(choices=[('inclusive', 'included in the price'), ('exclusive', 'added to the price')], db_default='exclusive', default='', max_length=9, verbose_name='tax is')),
        ],
        options={
            'verbose_name': 'service',
            'verbose_name_plural': 'services',
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='bookings_service_company'), models.CheckConstraint(condition=models.Q(('duration__gte', 1), ('duration__lte', 10080)), name='service_duration'), models.CheckConstraint(condition=models.Q(('price__gte', 0), ('tax_rate__gte', 0), ('tax_rate__lte', 100)), name='service_price'), models.CheckConstraint(condition=models.Q(('tax_behavior__in', ['inclusive', 'exclusive'])), name='service_tax_behavior')],
        },
    ),
    migrations.CreateModel(
        name='Transaction',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('purchased_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='bought at')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('customer', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='transactions', to='customers.customer', verbose_name='bought by')),
        ],
        options={
            'verbose_name': 'event purchase',
            'verbose_name_plural': 'event purchases',
            'indexes': [models.Index(fields=['company', 'customer', 'id'], name='txn_of_customer')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='bookings_transaction_company')],
        },
    ),
    migrations.CreateModel(
        name='Booking',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('total', config.tenancy.money_fields.MoneyField(editable=False, verbose_name='total')),
            ('currency', config.tenancy.money_fields.CurrencyField(editable=False, max_length=3, verbose_name='currency')),
            ('covered', config.tenancy.money_fields.MoneyField(default=0, editable=False, verbose_name='covered by a pass or credit')),
            ('kind', models.CharField(choices=[('appointment', 'appointment'), ('place', 'place at an event')], editable=False, max_length=11, verbose_name='kind')),
            ('starts_at', models.DateTimeField(verbose_name='begins')),
            ('duration', models.PositiveIntegerField(verbose_name='minutes')),
            ('status', models.CharField(choices=[('confirmed', 'confirmed'), ('in_progress', 'in progress'), ('completed', 'completed'), ('no_show', 'did not come'), ('cancelled', 'cancelled')], default='confirmed', editable=False, max_length=11, verbose_name='status')),
            ('notes', models.TextField(blank=True, max_length=2000, verbose_name='notes')),
            ('configuration', models.JSONField(blank=True, default=dict, verbose_name='configuration')),
            ('spaces', models.PositiveIntegerField(default=1, verbose_name='spaces')),
            ('subtotal', config.tenancy.money_fields.MoneyField(verbose_name='price')),
            ('discount', config.tenancy.money_fields.MoneyField(default=0, verbose_name='discount')),
            ('tax_rate', config.tenancy.tax_fields.TaxRateField(decimal_places=4, default=None, max_digits=7, verbose_name='tax in percent')),
            ('tax', config.tenancy.money_fields.MoneyField(editable=False, verbose_name='tax')),
            ('started_at', models.DateTimeField(editable=False, null=True, verbose_name='started at')),
            ('completed_at', models.DateTimeField(editable=False, null=True, verbose_name='completed at')),
            ('missed_at', models.DateTimeField(editable=False, null=True, verbose_name='missed at')),
            ('cancelled_at', models.DateTimeField(editable=False, null=True, verbose_name='cancelled at')),
            ('cancelled_by', models.CharField(blank=True, editable=False, max_length=255, verbose_name='cancelled by')),
            ('reason', models.CharField(blank=True, editable=False, max_length=500, verbose_name='cancelled because')),
            ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
            ('address', config.tenancy.models.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.address', verbose_name='at')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('customer', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='bookings', to='customers.customer', verbose_name='customer')),
            ('entry', config.tenancy.models.TenantForeignKey(db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='credits.entry')),
            ('invoice', config.tenancy.models.TenantForeignKey(db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.invoice')),
            ('payment', config.tenancy.models.TenantForeignKey(db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.payment')),
            ('refund', config.tenancy.models.TenantForeignKey(db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.payment')),
            ('event_date', config.tenancy.models.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bookings', to='bookings.eventdate', verbose_name='event date')),
            ('facilitator', config.tenancy.models.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bookings', to='bookings.facilitator', verbose_name='with')),
            ('pricing_option', config.tenancy.models.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bookings.pricingoption', verbose_name='price')),
            ('service', config.tenancy.models.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bookings', to='bookings.service', verbose_name='service')),
            ('transaction', config.tenancy.models.TenantForeignKey(db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bookings', to='bookings.transaction')),
            ('tax_behavior', config.tenancy.tax_fields.TaxBehaviorField(choices=[('inclusive', 'included in the price'), ('exclusive', 'added to the price')], db_default='exclusive', default='', max_length=9, verbose_name='tax is')),
            ('moved_late_from', models.DateTimeField(editable=False, null=True, verbose_name='moved late from')),
        ],
        options={
            'verbose_name': 'booking',
            'verbose_name_plural': 'bookings',
            'indexes': [models.Index(fields=['company', 'customer', 'id'], name='booking_of_customer'), models.Index(condition=models.Q(('status', 'cancelled'), _negated=True), fields=['company', 'customer', 'starts_at'], name='booking_counted'), models.Index(condition=models.Q(('transaction__isnull', False)), fields=['company', 'transaction'], name='booking_transaction'), models.Index(condition=models.Q(('event_date__isnull', False)), fields=['company', 'event_date'], name='booking_event_date'), models.Index(condition=models.Q(('payment__isnull', False)), fields=['company', 'payment'], name='booking_payment'), models.Index(condition=models.Q(('status', 'cancelled')), fields=['company', 'customer', 'cancelled_at'], name='booking_cancelled'), models.Index(fields=['company', 'starts_at', 'id'], name='booking_by_time'), models.Index(fields=['company', 'updated_at'], name='booking_by_change'), models.Index(condition=models.Q(('cancelled_at__isnull', True), ('covered__lt', models.F('total')), ('payment__isnull', True)), fields=['company', 'customer'], name='booking_to_pay'), models.Index(condition=models.Q(('status', 'in_progress')), fields=['company', 'starts_at'], name='booking_in_progress')],
            'constraints': [models.UniqueConstraint(condition=models.Q(('invoice__isnull', False)), fields=('company', 'invoice'), name='booking_invoice'), models.UniqueConstraint(fields=('company', 'id'), name='bookings_booking_company'), models.CheckConstraint(condition=models.Q(('covered__gte', 0), ('covered__lte', models.F('total')), models.Q(('covered', 0), ('entry__isnull', False), _connector='OR')), name='bookings_booking_covered'), models.UniqueConstraint(condition=models.Q(('entry__isnull', False)), fields=('company', 'entry'), name='bookings_booking_entry'), models.CheckConstraint(condition=models.Q(models.Q(('event_date__isnull', True), ('kind', 'appointment'), ('pricing_option__isnull', True), ('service__isnull', False), ('spaces', 1), ('transaction__isnull', True)), models.Q(('address__isnull', True), ('event_date__isnull', False), ('facilitator__isnull', True), ('kind', 'place'), ('pricing_option__isnull', False), ('service__isnull', True), ('spaces__gte', 1), ('spaces__lte', 100000), ('transaction__isnull', False)), _connector='OR'), name='booking_is_of_a_kind'), models.CheckConstraint(condition=models.Q(('duration__gte', 1), ('duration__lte', 10080)), name='booking_duration'), models.CheckConstraint(condition=models.Q(models.Q(('cancelled_at__isnull', True), ('completed_at__isnull', True), ('missed_at__isnull', True), ('started_at__isnull', True), ('status', 'confirmed')), models.Q(('cancelled_at__isnull', True), ('completed_at__isnull', True), ('missed_at__isnull', True), ('started_at__isnull', False), ('status', 'in_progress')), models.Q(('cancelled_at__isnull', True), ('completed_at__isnull', False), ('missed_at__isnull', True), ('status', 'completed')), models.Q(('cancelled_at__isnull', True), ('completed_at__isnull', True), ('missed_at__isnull', False), ('status', 'no_show')), models.Q(('cancelled_at__isnull', False), ('completed_at__isnull', True), ('missed_at__isnull', True), ('status', 'cancelled')), _connector='OR'), name='booking_status_has_its_moment'), models.CheckConstraint(condition=models.Q(('discount__gte', 0), ('discount__lte', models.F('subtotal'))), name='booking_discount'), models.CheckConstraint(condition=models.Q(('tax', billing.models.taxes.TaxOn(django.db.models.expressions.CombinedExpression(models.F('subtotal'), '-', models.F('discount')), models.F('tax_rate'), models.F('tax_behavior'))), ('tax_behavior__in', ['inclusive', 'exclusive']), ('tax_rate__gte', 0), ('tax_rate__lte', 100)), name='booking_tax'), models.CheckConstraint(condition=models.Q(models.Q(('tax_behavior', 'exclusive'), ('total', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('subtotal'), '-', models.F('discount')), '+', models.F('tax')))), models.Q(('tax_behavior', 'inclusive'), ('total', django.db.models.expressions.CombinedExpression(models.F('subtotal'), '-', models.F('discount')))), _connector='OR'), name='booking_total')],
        },
    ),
    migrations.CreateModel(
        name='LateCancellation',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('keeps', models.CharField(choices=[('visit', 'what was paid for it: the visit, the credit or the money'), ('fee', 'a fee'), ('waived', 'nothing: it was waived')], max_length=6, verbose_name='what is kept')),
            ('kept', config.tenancy.money_fields.MoneyField(default=0, verbose_name='money kept')),
            ('fee', config.tenancy.money_fields.MoneyField(default=0, verbose_name='fee')),
            ('currency', config.tenancy.money_fields.CurrencyField(max_length=3, verbose_name='currency')),
            ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
            ('actor_name', models.CharField(max_length=255, verbose_name='by')),
            ('booking', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bookings.booking')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('customer', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
            ('invoice', config.tenancy.models.TenantForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.invoice')),
        ],
        options={
            'verbose_name': 'late cancellation',
            'verbose_name_plural': 'late cancellations',
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='bookings_latecancellation_company'), models.UniqueConstraint(fields=('company', 'booking'), name='late_cancellation_once'), models.CheckConstraint(condition=models.Q(('keeps__in', ('visit', 'fee', 'waived'))), name='late_cancellation_keeps'), models.CheckConstraint(condition=models.Q(('fee__gte', 0), ('kept__gte', 0)), name='late_cancellation_amounts'), models.CheckConstraint(condition=models.Q(models.Q(('fee', 0), ('invoice__isnull', True)), ('fee__gt', 0), _connector='OR'), name='late_cancellation_fee')],
        },
    ),
    # A booking of a place is at the time of its event date.
    migrations.RunSQL(
        """
        ALTER TABLE bookings_booking ADD CONSTRAINT booking_moves_with_its_event_date
            FOREIGN KEY (event_date_id, starts_at, duration)
            REFERENCES bookings_eventdate (id, starts_at, duration) ON UPDATE CASCADE
        """
    ),
    RunSqlFiles("sql/engagements.sql", "sql/spaces.sql", "sql/previous_release.sql"),
    ProtectTable("bookings_service"),
    ProtectTable("bookings_facilitator"),
    ProtectTable("bookings_event"),
    ProtectTable("bookings_pricingoption", {"event_id": "bookings_event"}),
    ProtectTable(
        "bookings_eventdate",
        {"event_id": "bookings_event", "facilitator_id": "bookings_facilitator"},
        (*ONCE, DATES),
    ),
    ProtectTable(
        "bookings_engagement", {"facilitator_id": "bookings_facilitator"}, ("SELECT",)
    ),
    ProtectTable("bookings_transaction", {"customer_id": "customers_customer"}, ONCE),
    ProtectTable(
        "bookings_booking",
        {
            "customer_id": "customers_customer",
            "service_id": "bookings_service",
            "facilitator_id": "bookings_facilitator",
            "address_id": "customers_address",
            "transaction_id": "bookings_transaction",
            "event_date_id": "bookings_eventdate",
            "pricing_option_id": "bookings_pricingoption",
            "invoice_id": "billing_invoice",
            "entry_id": "credits_entry",
            "payment_id": "billing_payment",
            "refund_id": "billing_payment",
        },
    ),
    ProtectTable("bookings_media"),
    ProtectTable(
        "bookings_mediapurchase",
        {
            "media_id": "bookings_media",
            "customer_id": "customers_customer",
            "entry_id": "credits_entry",
            "payment_id": "billing_payment",
            "refund_id": "billing_payment",
            "invoice_id": "billing_invoice",
        },
    ),
    ProtectTable(
        "bookings_latecancellation",
        {
            "booking_id": "bookings_booking",
            "customer_id": "customers_customer",
            "invoice_id": "billing_invoice",
        },
        ONCE,
    ),
    KeepChanges("bookings_service"),
    KeepChanges("bookings_facilitator"),
    KeepChanges("bookings_event"),
    KeepChanges("bookings_pricingoption"),
    KeepChanges("bookings_eventdate"),
    KeepChanges("bookings_transaction", customer="customer_id"),
    KeepChanges("bookings_booking", customer="customer_id"),
    KeepChanges("bookings_media"),
    KeepChanges("bookings_mediapurchase", customer="customer_id"),
    KeepChanges("bookings_latecancellation", customer="customer_id"),
]
