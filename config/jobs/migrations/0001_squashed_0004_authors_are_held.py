import config.tenancy.ids
import config.tenancy.models
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from config.server.squashing import Squashed
from config.tenancy.operations import RUNTIME_RIGHTS, ProtectTable

# Files, refusals and failures are no record of anybody: they go once they have served.
REMOVABLE = (*RUNTIME_RIGHTS, "DELETE")


class Migration(migrations.Migration):
    replaces = [
        ("jobs", "0001_initial"),
        ("jobs", "0002_sweep_failures"),
        ("jobs", "0003_authors"),
        ("jobs", "0004_authors_are_held"),
    ]

    initial = True

    dependencies = [
        ("access", "0020_money_rules_hold"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Squashed(
            "jobs",
            [
                migrations.CreateModel(
                    name='Job',
                    fields=[
                        ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
                        ('kind', models.CharField(editable=False, max_length=60, verbose_name='kind')),
                        ('title', models.CharField(editable=False, max_length=200, verbose_name='work')),
                        ('permission', models.CharField(blank=True, editable=False, max_length=100)),
                        ('once', models.CharField(editable=False, max_length=200, null=True)),
                        ('parameters', models.JSONField(default=dict, editable=False)),
                        ('state', models.CharField(choices=[('queued', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Stopped')], default='queued', max_length=10, verbose_name='state')),
                        ('done', models.BigIntegerField(default=0, editable=False, verbose_name='done')),
                        ('total', models.BigIntegerField(editable=False, null=True, verbose_name='of')),
                        ('refused', models.BigIntegerField(default=0, editable=False, verbose_name='refused')),
                        ('message', models.TextField(blank=True, editable=False, verbose_name='message')),
                        ('result', models.JSONField(default=dict, editable=False)),
                        ('kept', models.JSONField(default=dict, editable=False)),
                        ('attempt', models.PositiveSmallIntegerField(default=0, editable=False)),
                        ('task', models.BigIntegerField(editable=False, null=True)),
                        ('started_at', models.DateTimeField(editable=False, null=True, verbose_name='began')),
                        ('heard_at', models.DateTimeField(editable=False, null=True, verbose_name='last heard of')),
                        ('stop_asked_at', models.DateTimeField(editable=False, null=True)),
                        ('ended_at', models.DateTimeField(editable=False, null=True, verbose_name='ended')),
                        ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
                        ('staff', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='started by')),
                        ('client', config.tenancy.models.TenantForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL)),
                        ('key', config.tenancy.models.TenantForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.apikey')),
                        ('scope', models.CharField(blank=True, db_default='', default='', editable=False, max_length=60)),
                        ('reason', models.CharField(blank=True, db_default='', default='', editable=False, max_length=500)),
                    ],
                    options={
                        'verbose_name': 'background work',
                        'verbose_name_plural': 'background work',
                        'indexes': [models.Index(condition=models.Q(('state__in', ('queued', 'running'))), fields=['company'], name='job_under_way')],
                        'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='jobs_job_company'), models.UniqueConstraint(fields=('company', 'kind', 'once'), name='job_once'), models.CheckConstraint(condition=models.Q(models.Q(('client__isnull', True), ('key__isnull', True), ('staff__isnull', False)), models.Q(('client__isnull', False), ('key__isnull', True), ('staff__isnull', True)), models.Q(('client__isnull', True), ('key__isnull', False), ('staff__isnull', True)), _connector='OR'), name='job_author')],
                    },
                ),
                migrations.CreateModel(
                    name='JobRefusal',
                    fields=[
                        ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
                        ('number', models.BigIntegerField()),
                        ('what', models.TextField()),
                        ('why', models.TextField()),
                        ('address', models.TextField(blank=True)),
                        ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
                        ('job', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='refusals', to='jobs.job')),
                        ('line', models.BigIntegerField(null=True)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['company', 'job', 'id'], name='job_refusal_of_job')],
                        'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='jobs_jobrefusal_company'), models.UniqueConstraint(fields=('job', 'number'), name='job_refusal_number')],
                    },
                ),
                migrations.CreateModel(
                    name='StoredFile',
                    fields=[
                        ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
                        ('attempt', models.PositiveSmallIntegerField(default=0)),
                        ('name', models.CharField(max_length=200)),
                        ('content_type', models.CharField(max_length=100)),
                        ('size', models.BigIntegerField(default=0)),
                        ('about', models.JSONField(default=dict)),
                        ('is_whole', models.BooleanField(default=False)),
                        ('removed_at', models.DateTimeField(null=True)),
                        ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
                        ('job', config.tenancy.models.TenantForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='files', to='jobs.job')),
                        ('staff', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='started by')),
                        ('client', config.tenancy.models.TenantForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL)),
                        ('key', config.tenancy.models.TenantForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.apikey')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('removed_at__isnull', True)), fields=['company', 'created_at'], name='stored_file_kept')],
                        'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='jobs_storedfile_company'), models.CheckConstraint(condition=models.Q(models.Q(('client__isnull', True), ('key__isnull', True), ('staff__isnull', False)), models.Q(('client__isnull', False), ('key__isnull', True), ('staff__isnull', True)), models.Q(('client__isnull', True), ('key__isnull', False), ('staff__isnull', True)), _connector='OR'), name='stored_file_author')],
                    },
                ),
                migrations.CreateModel(
                    name='Chunk',
                    fields=[
                        ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
                        ('number', models.PositiveIntegerField()),
                        ('data', models.BinaryField()),
                        ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
                        ('file', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='chunks', to='jobs.storedfile')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='jobs_chunk_company'), models.UniqueConstraint(fields=('file', 'number'), name='chunk_number')],
                    },
                ),
                migrations.CreateModel(
                    name='SweepFailure',
                    fields=[
                        ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
                        ('task', models.CharField(max_length=100)),
                        ('times', models.PositiveIntegerField(default=1)),
                        ('last_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('reason', models.TextField(blank=True)),
                        ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='jobs_sweepfailure_company'), models.UniqueConstraint(fields=('company', 'task'), name='sweep_failure_once')],
                    },
                ),
                *(
                    migrations.RunSQL(
                        f"ALTER TABLE jobs_{model} ADD CONSTRAINT jobs_{model}_{name}_id_is_there"
                        f" FOREIGN KEY ({name}_id) REFERENCES {table} (id) DEFERRABLE INITIALLY DEFERRED",
                        migrations.RunSQL.noop,
                    )
                    for model in ("job", "storedfile")
                    for name, table in (("client", "access_apiclient"), ("key", "access_apikey"))
                ),
                ProtectTable("jobs_job"),
                ProtectTable("jobs_jobrefusal", {"job_id": "jobs_job"}, REMOVABLE),
                ProtectTable("jobs_storedfile", {"job_id": "jobs_job"}),
                ProtectTable("jobs_chunk", {"file_id": "jobs_storedfile"}, REMOVABLE),
                ProtectTable("jobs_sweepfailure", rights=REMOVABLE),
            ],
        ),
    ]
