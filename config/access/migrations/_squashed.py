"""The operations that make what migrations 0002 to 0023 of this app make.

`access.0002_squashed_0023_refuse_duplicates` runs them in a new database.
"""

import config.tenancy.ids
import config.tenancy.tax_fields
import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from config.changes.operations import KeepChanges
from config.server.operations import RunSqlFiles
from config.tenancy.operations import Grant, GrantExecute, ProtectTable

READ = ("SELECT",)
WRITE = ("SELECT", "INSERT", "UPDATE")
ALL = ("SELECT", "INSERT", "UPDATE", "DELETE")
CLIENT = (
    "hash_client_secret", "redirect_uris", "post_logout_redirect_uris", "client_type",
    "authorization_grant_type", "skip_authorization", "algorithm", "allowed_origins",
    "registration_source", "cimd_expires_at", "user_id", "updated", "last_used_at",
)

operations = [
    migrations.AlterModelOptions(
        "membership", {"verbose_name": "staff member", "verbose_name_plural": "staff"}
    ),
    migrations.AlterModelOptions(
        "staff", {"verbose_name": "login", "verbose_name_plural": "logins"}
    ),
    migrations.AddField('company', 'credit_limit', models.BigIntegerField(blank=True, null=True, verbose_name='limit of front desk')),
    migrations.AddField('company', 'requires_second_factor', models.BooleanField(db_default=False, default=False, help_text='Owners and managers sign in with a code from their phone besides the password. Who has none yet is led to set it up at once.', verbose_name='second factor required')),
    migrations.AddField('company', 'requests_per_minute', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1000000)], verbose_name='requests a minute')),
    migrations.AddField('company', 'change_key', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), editable=False)),
    migrations.AddField('company', 'tax_behavior', config.tenancy.tax_fields.TaxBehaviorField(choices=[('inclusive', 'included in the price'), ('exclusive', 'added to the price')], db_default='exclusive', default='', max_length=9, verbose_name='tax of new prices is')),
    migrations.AddField('company', 'tax_rate', config.tenancy.tax_fields.TaxRateField(db_default=0, decimal_places=4, default=0, max_digits=7, verbose_name='tax of new prices in percent')),
    migrations.AddField('company', 'refund_limit', models.BigIntegerField(blank=True, null=True, verbose_name='refund limit of front desk')),
    migrations.AddField('company', 'late_cancellation_hours', models.IntegerField(blank=True, null=True, verbose_name='late cancellation')),
    migrations.AddField('company', 'late_cancellation_keeps', models.CharField(choices=[('visit', 'what was paid for it: the visit, the credit or the money'), ('fee', 'a fee')], db_default='visit', default='visit', max_length=5, verbose_name='what is kept')),
    migrations.AddField('company', 'late_cancellation_fee', models.BigIntegerField(db_default=0, default=0, verbose_name='fee')),
    migrations.AddField('company', 'erasure_days', models.SmallIntegerField(db_default=7, default=7, verbose_name='days before an erasure')),
    migrations.AddConstraint('company', models.CheckConstraint(condition=models.Q(('credit_limit__gte', 0)), name='company_credit_limit_not_negative')),
    migrations.AddConstraint('company', models.CheckConstraint(condition=models.Q(('tax_behavior__in', ['inclusive', 'exclusive']), ('tax_rate__gte', 0), ('tax_rate__lte', 100)), name='company_taxed')),
    migrations.AddConstraint('company', models.CheckConstraint(condition=models.Q(('refund_limit__gte', 0)), name='company_refund_limit_not_negative')),
    migrations.AddConstraint('company', models.CheckConstraint(condition=models.Q(('late_cancellation_fee__gte', 0), ('late_cancellation_keeps__in', ['visit', 'fee']), models.Q(('late_cancellation_hours__isnull', True), models.Q(('late_cancellation_hours__gte', 1), ('late_cancellation_hours__lte', 720)), _connector='OR')), name='company_late_cancellation')),
    migrations.AddConstraint('company', models.CheckConstraint(condition=models.Q(('erasure_days__range', (0, 30))), name='company_erasure_days')),
    migrations.AddField('staff', 'signed_out_at', models.DateTimeField(blank=True, editable=False, null=True)),
    migrations.AlterField('apiclient', 'scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list, verbose_name='scopes')),
    migrations.AddField('apiclient', 'last_used_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='last used at')),
    migrations.AddField('apiclient', 'requests_per_minute', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1000000)], verbose_name='requests a minute')),
    migrations.AddField('apiclient', 'requires_match', models.BooleanField(db_default=False, default=False, help_text='Every change has to name the version that was seen, so that nobody overwrites what another has changed meanwhile.', verbose_name='changes need If-Match')),
    migrations.AddField('apiclient', 'refuses_duplicates', models.BooleanField(db_default=False, default=False, help_text='A new customer who is likely one that is there already is refused, unless the request insists on it.', verbose_name='likely duplicates are refused')),
    migrations.AddField('membership', 'role', models.CharField(choices=[('owner', 'Owner'), ('manager', 'Manager'), ('front_desk', 'Front desk'), ('read_only', 'Read-only')], max_length=20, verbose_name='role')),
    migrations.AddField('membership', 'invited_at', models.DateTimeField(editable=False, null=True)),
    migrations.AddConstraint('membership', models.CheckConstraint(condition=models.Q(('role__in', ['owner', 'manager', 'front_desk', 'read_only'])), name='membership_role_known')),
    migrations.AlterField('apikey', 'scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list, verbose_name='scopes')),
    migrations.AddField('apikey', 'requests_per_minute', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1000000)], verbose_name='requests a minute')),
    migrations.AddField('apikey', 'requires_match', models.BooleanField(db_default=False, default=False, help_text='Every change has to name the version that was seen, so that nobody overwrites what another has changed meanwhile.', verbose_name='changes need If-Match')),
    migrations.AddField('apikey', 'refuses_duplicates', models.BooleanField(db_default=False, default=False, help_text='A new customer who is likely one that is there already is refused, unless the request insists on it.', verbose_name='likely duplicates are refused')),
    migrations.CreateModel(
        name='Workplace',
        fields=[
        ],
        options={
            'verbose_name': 'your company',
            'verbose_name_plural': 'your company',
            'proxy': True,
        },
        bases=('access.company',),
    ),
    migrations.CreateModel(
        name='KeptAnswer',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('caller', models.CharField(max_length=300)),
            ('key', models.CharField(max_length=255)),
            ('fingerprint', models.CharField(max_length=64)),
            ('status', models.PositiveSmallIntegerField()),
            ('headers', models.JSONField()),
            ('body', models.TextField(blank=True)),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
        ],
        options={
            'verbose_name': 'kept answer',
            'verbose_name_plural': 'kept answers',
            'indexes': [models.Index(fields=['company', 'created_at'], name='kept_answer_age')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='access_keptanswer_company'), models.UniqueConstraint(fields=('company', 'caller', 'key'), name='kept_answer_once')],
        },
    ),
    migrations.CreateModel(
        name='AttemptCount',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('kind', models.CharField(choices=[('password', 'Password'), ('code', 'Code'), ('link', 'Link')], max_length=10)),
            ('name', models.CharField(max_length=255)),
            ('address', models.GenericIPAddressField()),
            ('attempts', models.PositiveIntegerField()),
            ('latest_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
        ],
        options={
            'default_permissions': (),
            'indexes': [models.Index(fields=['address'], name='attempts_by_address'), models.Index(fields=['latest_at'], name='attempts_by_age')],
            'constraints': [models.UniqueConstraint(fields=('kind', 'name', 'address'), name='attempts_counted_once')],
        },
    ),
    # How often each client, company and address came lately. Nothing is missed after a crash, so it
    # is UNLOGGED. No column of an index changes: with room on its page a row is updated in place.
    migrations.RunSQL(
        """
        CREATE UNLOGGED TABLE access_counter (
            subject uuid NOT NULL,
            slice bigint NOT NULL,
            came integer NOT NULL DEFAULT 0,
            before integer NOT NULL,
            frees bigint NOT NULL,
            closed boolean NOT NULL DEFAULT false,
            PRIMARY KEY (subject, slice)
        ) WITH (
            fillfactor = 20,
            autovacuum_vacuum_scale_factor = 0,
            autovacuum_vacuum_threshold = 2000,
            autovacuum_vacuum_cost_delay = 0
        )
        """
    ),
    RunSqlFiles(
        "sql/authentication.sql", "sql/concurrency.sql", "sql/idempotency.sql", "sql/rate_limits.sql"
    ),
    # Tables outside of row-level security: they are read before a company is known, or belong to
    # none. Nothing of the record may be deleted.
    Grant(READ, "django_migrations", "django_content_type", "auth_permission", "auth_group"),
    Grant(READ, "auth_group_permissions", "account_emailaddress"),
    Grant(WRITE, "access_company", "access_staff", "access_apiclient", "access_apikey"),
    Grant(ALL, "access_membership", "access_staff_groups", "access_staff_user_permissions"),
    Grant(ALL, "access_attemptcount"),
    Grant(("SELECT", "INSERT"), "django_admin_log"),
    Grant(ALL, "django_session", "oauth2_provider_accesstoken"),
    Grant(ALL, "oauth2_provider_refreshtoken", "oauth2_provider_idtoken"),
    Grant(ALL, "oauth2_provider_grant", "oauth2_provider_devicegrant"),
    Grant(ALL, "procrastinate_jobs", "procrastinate_events"),
    Grant(ALL, "procrastinate_periodic_defers", "procrastinate_workers"),
    Grant(ALL, "mfa_authenticator", "axes_accessattempt", "axes_accessattemptexpiration"),
    Grant(
        ["USAGE"],
        *(
            f"{table}_id_seq"
            for table in (
                "access_staff_groups",
                "access_staff_user_permissions",
                "auth_group",
                "auth_group_permissions",
                "auth_permission",
                "django_admin_log",
                "django_content_type",
                "django_migrations",
                "oauth2_provider_accesstoken",
                "oauth2_provider_devicegrant",
                "oauth2_provider_grant",
                "oauth2_provider_idtoken",
                "oauth2_provider_refreshtoken",
                "procrastinate_events",
                "procrastinate_jobs",
                "procrastinate_periodic_defers",
                "procrastinate_workers",
            )
        ),
    ),
    ProtectTable("access_keptanswer", rights=ALL),
    KeepChanges("access_company", ("change_key",), company="id"),
    KeepChanges("access_staff", ("last_login",), company="", secret=("password",)),
    KeepChanges("access_membership"),
    KeepChanges("access_apiclient", CLIENT, secret=("client_secret",)),
    KeepChanges("access_apikey", ("digest", "last_used_at")),
    GrantExecute(
        "access_admit(boolean, text, integer, integer)",
        "access_came(uuid)",
        "access_claim_place(uuid, integer)",
        "access_count(uuid, integer)",
        "access_forget()",
        "access_take_place(uuid, integer)",
    ),
    migrations.RunSQL("REVOKE ALL ON FUNCTION access_uncount(uuid) FROM PUBLIC"),
]
