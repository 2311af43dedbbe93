"""The operations that make what migrations 0001 to 0017 of this app make.

`access.0002_squashed_0023_refuse_duplicates` runs them in a new database.
"""

import config.tenancy.ids
import config.tenancy.models
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from config.changes.operations import KeepChanges
from config.server.operations import RunSqlFiles
from config.tenancy.operations import ProtectTable

ONCE = ("SELECT", "INSERT")
# The columns of a delivery that may change: its progress. Its message never changes.
MOVING = "UPDATE (state, attempts, next_at, leased_until, delivered_at)"

operations = [
    migrations.CreateModel(
        name='Change',
        fields=[
            ('id', models.BigAutoField(primary_key=True, serialize=False)),
            ('at', models.DateTimeField(verbose_name='at')),
            ('table_name', models.CharField(max_length=63, verbose_name='table')),
            ('object_id', models.UUIDField(verbose_name='object')),
            ('customer_id', models.UUIDField(null=True, verbose_name='customer')),
            ('operation', models.CharField(choices=[('created', 'created'), ('changed', 'changed'), ('deleted', 'deleted')], max_length=7, verbose_name='what happened')),
            ('before', models.JSONField(null=True, verbose_name='before')),
            ('after', models.JSONField(null=True, verbose_name='after')),
            ('actor_kind', models.CharField(choices=[('staff', 'staff'), ('client', 'API client'), ('key', 'API key'), ('command', 'command'), ('database', 'database')], max_length=8, verbose_name='kind of actor')),
            ('actor_name', models.CharField(max_length=255, verbose_name='by')),
            ('credential_id', models.UUIDField(null=True, verbose_name='credential')),
            ('request_id', models.CharField(max_length=128, verbose_name='request')),
            ('reason', models.CharField(max_length=500, verbose_name='reason')),
            ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='access.company')),
        ],
        options={
            'verbose_name': 'change',
            'verbose_name_plural': 'changes',
            'indexes': [models.Index(condition=models.Q(('customer_id__isnull', False)), fields=['company', 'customer_id', '-id'], name='change_of_customer'), models.Index(fields=['company', 'object_id', '-id'], name='change_of_object'), models.Index(fields=['company', 'at'], name='change_since'), models.Index(condition=models.Q(('operation', 'changed'), ('table_name__in', ('customers_customer', 'customers_address', 'customers_contactpoint', 'customers_customeruser', 'billing_paymentmethod'))), fields=['company', 'customer_id', 'table_name', 'at'], name='change_of_whole_record')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='change_of_company')],
        },
    ),
    migrations.CreateModel(
        name='WebhookEndpoint',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('archived_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='archived at')),
            ('url', models.CharField(help_text='Where events are sent: an https address that the internet can reach.', max_length=2000, verbose_name='address')),
            ('description', models.CharField(blank=True, help_text='Which system receives them, for whoever looks here later.', max_length=200, verbose_name='description')),
            ('types', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, verbose_name='events')),
            ('secret', models.TextField(blank=True, editable=False, verbose_name='secret')),
            ('previous_secret', models.TextField(blank=True, editable=False, verbose_name='previous secret')),
            ('previous_ends_at', models.DateTimeField(editable=False, null=True, verbose_name='previous secret until')),
            ('disabled_at', models.DateTimeField(editable=False, null=True, verbose_name='disabled at')),
            ('disabled_because', models.CharField(blank=True, choices=[('staff', 'It was switched off.'), ('gone', 'The receiver said that it is gone (410).'), ('failing', 'Nothing arrived for too long.')], editable=False, max_length=7, verbose_name='disabled because')),
            ('position', models.BigIntegerField(editable=False)),
            ('last_delivered_at', models.DateTimeField(editable=False, null=True, verbose_name='last delivered')),
            ('failing_since', models.DateTimeField(editable=False, null=True, verbose_name='failing since')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
        ],
        options={
            'verbose_name': 'webhook',
            'verbose_name_plural': 'webhooks',
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='changes_webhookendpoint_company'), models.CheckConstraint(condition=models.Q(models.Q(('disabled_at__isnull', True), ('disabled_because', '')), models.Q(('disabled_at__isnull', False), models.Q(('disabled_because', ''), _negated=True)), _connector='OR'), name='webhook_disabled_because')],
        },
    ),
    migrations.CreateModel(
        name='WebhookDelivery',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('change_id', models.BigIntegerField(editable=False, null=True, verbose_name='change')),
            ('type', models.CharField(editable=False, max_length=60, verbose_name='event')),
            ('body', models.TextField(editable=False, verbose_name='body')),
            ('state', models.CharField(choices=[('pending', 'Waiting'), ('delivered', 'Delivered'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='pending', max_length=9, verbose_name='state')),
            ('attempts', models.PositiveIntegerField(default=0, editable=False, verbose_name='attempts')),
            ('next_at', models.DateTimeField(editable=False, null=True, verbose_name='next attempt')),
            ('leased_until', models.DateTimeField(editable=False, null=True)),
            ('delivered_at', models.DateTimeField(editable=False, null=True, verbose_name='delivered at')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('endpoint', config.tenancy.models.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='changes.webhookendpoint')),
        ],
        options={
            'verbose_name': 'delivery',
            'verbose_name_plural': 'deliveries',
            'indexes': [models.Index(fields=['company', 'endpoint', '-id'], name='webhook_delivery_newest'), models.Index(fields=['company', 'endpoint', 'state', '-id'], name='webhook_delivery_by_state'), models.Index(condition=models.Q(('state', 'pending')), fields=['endpoint', 'next_at'], name='webhook_delivery_due')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='changes_webhookdelivery_company'), models.UniqueConstraint(condition=models.Q(('change_id__isnull', False)), fields=('endpoint', 'change_id'), name='webhook_delivery_once'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'pending'), _negated=True), ('next_at__isnull', False), _connector='OR'), name='webhook_delivery_has_a_time')],
        },
    ),
    migrations.CreateModel(
        name='WebhookAttempt',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('began_at', models.DateTimeField(verbose_name='began')),
            ('milliseconds', models.PositiveIntegerField(verbose_name='took')),
            ('status', models.PositiveSmallIntegerField(null=True, verbose_name='status')),
            ('error', models.TextField(blank=True, verbose_name='error')),
            ('answer', models.TextField(blank=True, verbose_name='answer')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('delivery', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='log', to='changes.webhookdelivery')),
        ],
        options={
            'verbose_name': 'attempt',
            'verbose_name_plural': 'attempts',
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='changes_webhookattempt_company')],
        },
    ),
    migrations.CreateModel(
        name='DataExport',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('kind', models.CharField(choices=[('list', 'list as it was shown'), ('customers', 'all customers'), ('person', 'everything about one person'), ('file', 'download of a file'), ('stream', 'all customers over the API')], max_length=9, verbose_name='what was taken')),
            ('what', models.CharField(blank=True, max_length=200, verbose_name='of')),
            ('query', models.CharField(blank=True, max_length=1000, verbose_name='filter or file')),
            ('count', models.BigIntegerField(null=True, verbose_name='rows')),
            ('customer_id', models.UUIDField(null=True, verbose_name='customer')),
            ('job_id', models.UUIDField(null=True, verbose_name='background work')),
            ('actor_kind', models.CharField(choices=[('staff', 'staff'), ('client', 'API client'), ('key', 'API key'), ('command', 'command'), ('database', 'database')], max_length=8, verbose_name='kind of actor')),
            ('actor_name', models.CharField(max_length=255, verbose_name='by')),
            ('credential_id', models.UUIDField(null=True, verbose_name='credential')),
            ('request_id', models.CharField(blank=True, max_length=128, verbose_name='request')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
        ],
        options={
            'verbose_name': 'data export',
            'verbose_name_plural': 'data exports',
            'indexes': [models.Index(condition=models.Q(('customer_id__isnull', False)), fields=['company', 'customer_id'], name='data_export_of_customer')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='changes_dataexport_company')],
        },
    ),
    # `change_of_company` holds the same, and is the one to read by. With both, PostgreSQL may
    # choose to go through the changes of every company for those of one.
    migrations.RunSQL("ALTER TABLE changes_change DROP CONSTRAINT changes_change_pkey"),
    RunSqlFiles("sql/change_feed.sql", "sql/webhooks.sql", "sql/data_exports.sql"),
    ProtectTable("changes_change", rights=("SELECT",)),
    ProtectTable("changes_webhookendpoint"),
    ProtectTable(
        "changes_webhookdelivery", {"endpoint_id": "changes_webhookendpoint"}, (*ONCE, MOVING)
    ),
    ProtectTable("changes_webhookattempt", {"delivery_id": "changes_webhookdelivery"}, ONCE),
    ProtectTable("changes_dataexport", rights=ONCE),
    KeepChanges(
        "changes_webhookendpoint",
        ("position", "last_delivered_at", "failing_since"),
        secret=("secret", "previous_secret"),
    ),
]
