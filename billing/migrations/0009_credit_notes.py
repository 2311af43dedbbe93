import config.tenancy.ids
import config.tenancy.models
import config.tenancy.money_fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from config.changes.operations import KeepChanges
from config.server.operations import RunSqlFiles
from config.tenancy.operations import Grant, ProtectTable

ONCE = ("SELECT", "INSERT")

class Migration(migrations.Migration):
    """Credit notes, what of an invoice is covered and reduced, and the reason of a refund."""

    dependencies = [("billing", "0008_functions_from_files"), ("access", "0016_functions_from_files"), ("changes", "0015_event_types_by_their_new_names"), ("customers", "0012_with_email_is_granted")]

    operations = [
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
            ],
            options={
                'verbose_name': 'credit note',
                'verbose_name_plural': 'credit notes',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='CreditNoteSeries',
            fields=[
                ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
                ('year', models.PositiveSmallIntegerField()),
                ('last', models.PositiveIntegerField()),
            ],
            options={
                'verbose_name': 'credit note series',
                'verbose_name_plural': 'credit note series',
                'abstract': False,
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
            ],
            options={
                'verbose_name': 'tax of a credit note',
                'verbose_name_plural': 'taxes of credit notes',
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='invoice',
            name='covered',
            field=config.tenancy.money_fields.MoneyField(db_default=0, default=0, editable=False, verbose_name='covered by credits'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='reduced',
            field=config.tenancy.money_fields.MoneyField(db_default=0, default=0, editable=False, verbose_name='reduced'),
        ),
        migrations.AddField(
            model_name='payment',
            name='reason',
            field=models.CharField(blank=True, db_default='', default='', max_length=500, verbose_name='reason'),
        ),
        AddConstraintNotValid(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(('covered__gte', 0), ('covered__lte', django.db.models.expressions.CombinedExpression(models.F('total'), '-', models.F('reduced'))), ('reduced__gte', 0), models.Q(models.Q(('covered', 0), ('reduced', 0)), ('issued_at__isnull', False), _connector='OR')), name='invoice_settled_in_part'),
        ),
        migrations.AddField(
            model_name='creditnote',
            name='company',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company'),
        ),
        migrations.AddField(
            model_name='creditnote',
            name='customer',
            field=config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='credit_notes', to='customers.customer'),
        ),
        migrations.AddField(
            model_name='creditnote',
            name='invoice',
            field=config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='credit_notes', to='billing.invoice'),
        ),
        migrations.AddField(
            model_name='creditnote',
            name='refund',
            field=config.tenancy.models.TenantForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='credit_notes', to='billing.payment', verbose_name='refund'),
        ),
        migrations.AddField(
            model_name='creditnoteseries',
            name='company',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company'),
        ),
        migrations.AddField(
            model_name='creditnotetax',
            name='company',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company'),
        ),
        migrations.AddField(
            model_name='creditnotetax',
            name='credit_note',
            field=config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='taxes', to='billing.creditnote'),
        ),
        migrations.AddIndex(
            model_name='creditnote',
            index=models.Index(fields=['company', 'customer', 'id'], name='credit_note_of_customer'),
        ),
        migrations.AddIndex(
            model_name='creditnote',
            index=models.Index(fields=['company', 'invoice'], name='credit_note_of_invoice'),
        ),
        migrations.AddIndex(
            model_name='creditnote',
            index=models.Index(fields=['company', 'issued_at', 'id'], name='credit_note_by_time'),
        ),
        migrations.AddConstraint(
            model_name='creditnote',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='billing_creditnote_company'),
        ),
        migrations.AddConstraint(
            model_name='creditnote',
            constraint=models.UniqueConstraint(fields=('company', 'number'), name='credit_note_number_once'),
        ),
        migrations.AddConstraint(
            model_name='creditnote',
            constraint=models.UniqueConstraint(condition=models.Q(('refund__isnull', False)), fields=('company', 'refund'), name='credit_note_refund_once'),
        ),
        migrations.AddConstraint(
            model_name='creditnote',
            constraint=models.CheckConstraint(condition=models.Q(('tax__gte', 0), ('tax__lte', models.F('total')), ('total__gt', 0)), name='credit_note_total'),
        ),
        migrations.AddConstraint(
            model_name='creditnote',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'refund'), ('refund__isnull', False)), models.Q(('kind__in', ('returned', 'reduction', 'write_off')), ('refund__isnull', True)), _connector='OR'), name='credit_note_kind'),
        ),
        migrations.AddConstraint(
            model_name='creditnoteseries',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='billing_creditnoteseries_company'),
        ),
        migrations.AddConstraint(
            model_name='creditnoteseries',
            constraint=models.UniqueConstraint(fields=('company', 'year'), name='credit_note_series_once'),
        ),
        migrations.AddConstraint(
            model_name='creditnotetax',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='billing_creditnotetax_company'),
        ),
        migrations.AddConstraint(
            model_name='creditnotetax',
            constraint=models.UniqueConstraint(fields=('company', 'credit_note', 'tax_rate', 'tax_behavior'), name='credit_note_tax_once'),
        ),
        migrations.AddConstraint(
            model_name='creditnotetax',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('tax__gte', 0)), name='credit_note_tax_amounts'),
        ),
        migrations.AddConstraint(
            model_name='creditnotetax',
            constraint=models.CheckConstraint(condition=models.Q(('tax_behavior__in', ('inclusive', 'exclusive'))), name='credit_note_tax_behavior'),
        ),
        ProtectTable(
            'billing_creditnote',
            {
                'customer_id': 'customers_customer',
                'invoice_id': 'billing_invoice',
                'refund_id': 'billing_payment',
            },
            ONCE,
        ),
        ProtectTable('billing_creditnotetax', {'credit_note_id': 'billing_creditnote'}, ONCE),
        ProtectTable('billing_creditnoteseries', {}, (*ONCE, 'UPDATE (last)')),
        Grant(['UPDATE (covered, reduced)'], 'billing_invoice'),
        KeepChanges('billing_creditnote', customer='customer_id'),
        RunSqlFiles('sql/credit_notes.sql'),
    ]
