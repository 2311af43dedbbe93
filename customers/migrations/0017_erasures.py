import config.tenancy.ids
import config.tenancy.models
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from config.changes.operations import KeepChanges
from config.server.operations import RunSqlFiles
from config.tenancy.operations import GrantExecute, ProtectTable


class Migration(migrations.Migration):
    """Erase people: the erasures, their marks, and the functions that take values away."""

    dependencies = [
        ('access', '0020_money_rules_hold'),
        ('changes', '0017_data_exports'),
        ('customers', '0016_words_of_names'),
    ]

    operations = [
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
                ('requested_by', models.CharField(editable=False, max_length=255, verbose_name='requested by')),
                ('due_at', models.DateTimeField(editable=False, verbose_name='is done from')),
                ('cancelled_at', models.DateTimeField(editable=False, null=True, verbose_name='cancelled at')),
                ('cancelled_by', models.CharField(blank=True, default='', editable=False, max_length=255, verbose_name='cancelled by')),
                ('erased_at', models.DateTimeField(editable=False, null=True, verbose_name='erased at')),
                ('erased_by', models.CharField(blank=True, default='', editable=False, max_length=255, verbose_name='erased by')),
                ('people', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, editable=False)),
                ('report', models.JSONField(default=dict, editable=False, verbose_name='certificate')),
            ],
            options={
                'verbose_name': 'erasure',
                'verbose_name_plural': 'erasures',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ErasureMark',
            fields=[
                ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
                ('digest', models.CharField(max_length=64)),
            ],
            options={
                'verbose_name': 'mark of an erasure',
                'verbose_name_plural': 'marks of erasures',
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='customer',
            name='erased_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='erased at'),
        ),
        AddConstraintNotValid(
            model_name='customer',
            constraint=models.CheckConstraint(condition=models.Q(('erased_at__isnull', True), ('archived_at__isnull', False), _connector='OR'), name='customer_erased'),
        ),
        migrations.AddField(
            model_name='erasure',
            name='company',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company'),
        ),
        migrations.AddField(
            model_name='erasure',
            name='customer',
            field=config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='erasures', to='customers.customer'),
        ),
        migrations.AddField(
            model_name='erasuremark',
            name='company',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company'),
        ),
        migrations.AddField(
            model_name='erasuremark',
            name='erasure',
            field=config.tenancy.models.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='marks', to='customers.erasure'),
        ),
        migrations.AddIndex(
            model_name='erasure',
            index=models.Index(fields=['company', 'customer', 'id'], name='erasure_of_customer'),
        ),
        migrations.AddIndex(
            model_name='erasure',
            index=models.Index(condition=models.Q(('cancelled_at__isnull', True), ('erased_at__isnull', True)), fields=['company', 'due_at'], name='erasure_waiting'),
        ),
        migrations.AddConstraint(
            model_name='erasure',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='customers_erasure_company'),
        ),
        migrations.AddConstraint(
            model_name='erasure',
            constraint=models.UniqueConstraint(condition=models.Q(('cancelled_at__isnull', True), ('erased_at__isnull', True)), fields=('company', 'customer'), name='erasure_waiting_once'),
        ),
        migrations.AddConstraint(
            model_name='erasure',
            constraint=models.CheckConstraint(condition=models.Q(('cancelled_at__isnull', True), ('erased_at__isnull', True), _connector='OR'), name='erasure_one_end'),
        ),
        migrations.AddConstraint(
            model_name='erasuremark',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='customers_erasuremark_company'),
        ),
        migrations.AddConstraint(
            model_name='erasuremark',
            constraint=models.UniqueConstraint(fields=('company', 'digest', 'erasure'), name='erasure_mark_once'),
        ),
        ProtectTable("customers_erasure", {"customer_id": "customers_customer"}),
        ProtectTable(
            "customers_erasuremark", {"erasure_id": "customers_erasure"}, ("SELECT", "INSERT")
        ),
        KeepChanges("customers_erasure", ("people", "report"), customer="customer_id"),
        RunSqlFiles("sql/erasing.sql"),
        GrantExecute(
            "customers_erased_people(uuid)",
            "customers_mentions(text, text[], text[])",
            "customers_emptied(jsonb, text[])",
            "customers_erase_history(uuid, text, text[])",
            "customers_erase_messages(uuid, text[], text[])",
            "customers_erase_filters(uuid, text[], text[])",
        ),
    ]
