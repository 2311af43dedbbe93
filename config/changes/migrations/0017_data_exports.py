import config.tenancy.ids
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from config.server.operations import RunSqlFiles
from config.tenancy.operations import ProtectTable


class Migration(migrations.Migration):
    """Keep a log of data that was taken out, and let an erasure take values out of the changes."""

    dependencies = [
        ('access', '0020_money_rules_hold'),
        ('changes', '0016_contact_points_of_a_record'),
    ]

    operations = [
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
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('customer_id__isnull', False)), fields=['company', 'customer_id'], name='data_export_of_customer')],
                'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='changes_dataexport_company')],
            },
        ),
        ProtectTable("changes_dataexport", rights=("SELECT", "INSERT")),
        RunSqlFiles("sql/data_exports.sql", "sql/change_feed.sql"),
    ]
