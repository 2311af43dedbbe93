"""The operations that make what migrations 0001 to 0021 of this app make.

`access.0002_squashed_0023_refuse_duplicates` runs them in a new database.
"""

import config.tenancy.ids
import config.tenancy.models
import customers.models.finding
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from config.changes.operations import KeepChanges
from config.server.operations import RunSqlFiles
from config.tenancy.operations import GrantExecute, ProtectTable

operations = [
    RunSqlFiles("sql/text.sql", "sql/phones.sql", "sql/words.sql", "sql/tags.sql"),
    RunSqlFiles("sql/contact_points.sql", "sql/similar.sql", "sql/traits.sql"),
    migrations.CreateModel(
        name='Customer',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('archived_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='archived at')),
            ('first_name', models.CharField(blank=True, max_length=200, verbose_name='first name')),
            ('last_name', models.CharField(blank=True, max_length=200, verbose_name='last name')),
            ('name', models.CharField(blank=True, max_length=200, verbose_name='name of the organisation')),
            ('legal_name', models.CharField(blank=True, max_length=200, verbose_name='legal name')),
            ('tax_id', models.CharField(blank=True, max_length=60, verbose_name='tax number')),
            ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
            ('phone', models.CharField(blank=True, max_length=60, verbose_name='phone')),
            ('phone_e164', models.CharField(blank=True, editable=False, max_length=20)),
            ('phone_national', models.CharField(blank=True, editable=False, max_length=20)),
            ('external_id', models.CharField(blank=True, max_length=200, verbose_name='external id')),
            ('preferences', models.JSONField(blank=True, default=dict, verbose_name='preferences')),
            ('is_active', models.BooleanField(default=True, verbose_name='active')),
            ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
            ('display_name', models.GeneratedField(db_persist=True, expression=models.Case(models.When(name='', then=django.db.models.functions.text.Trim(django.db.models.functions.text.Concat('first_name', models.Value(' '), 'last_name'))), default=models.F('name')), output_field=models.CharField(max_length=401, verbose_name='customer'))),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('search_words', models.GeneratedField(db_persist=True, expression=models.Func(models.F('company_id'), models.F('name'), models.F('first_name'), models.F('last_name'), models.F('email'), models.F('phone'), models.F('phone_e164'), models.F('phone_national'), models.F('external_id'), function='customers_words', output_field=django.contrib.postgres.search.SearchVectorField()), output_field=django.contrib.postgres.search.SearchVectorField())),
            ('tags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, db_default=[], default=list, verbose_name='tags')),
            ('birthday', models.CharField(blank=True, db_default='', default='', max_length=10, verbose_name='birthday')),
            ('erased_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='erased at')),
            ('merged_into', config.tenancy.models.TenantForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer', verbose_name='merged into')),
        ],
        options={
            'verbose_name': 'customer',
            'verbose_name_plural': 'customers',
            'indexes': [models.Index(fields=['company', 'created_at'], name='customer_created'), models.Index(condition=models.Q(('archived_at__isnull', False)), fields=['company', 'id'], name='customer_archived'), models.Index(condition=models.Q(('archived_at__isnull', True), ('is_active', False)), fields=['company', 'id'], name='customer_paused'), django.contrib.postgres.indexes.GinIndex(fields=['search_words'], name='customer_words'), models.Index(fields=['company', 'display_name', 'id'], name='customer_by_name'), models.Index(fields=['company', 'updated_at', 'id'], name='customer_updated'), models.Index(condition=models.Q(('external_id', ''), _negated=True), fields=['company', 'external_id', 'id'], name='customer_external_id'), models.Index(models.F('company'), django.db.models.functions.text.Lower('email'), condition=models.Q(('email', ''), _negated=True), name='customer_email'), django.contrib.postgres.indexes.GinIndex(models.Func(models.F('company'), models.F('tags'), function='customers_tag_keys'), condition=models.Q(('tags', []), _negated=True), name='customer_tags'), models.Index(condition=models.Q(('phone', ''), _negated=True), fields=['company', 'phone'], name='customer_phone'), models.Index(condition=models.Q(('phone_national', ''), _negated=True), fields=['company', 'phone_national'], name='customer_phone_national'), models.Index(models.F('company'), models.Func(models.F('email'), function='customers_email_key'), condition=models.Q(('email', ''), _negated=True), name='customer_email_key'), models.Index(models.F('company'), models.Func(models.F('tax_id'), function='regulars_postal_key'), condition=models.Q(('tax_id', ''), _negated=True), name='customer_tax_key'), models.Index(condition=models.Q(('birthday', ''), _negated=True), fields=['company', 'birthday'], name='customer_born')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='customers_customer_company'), models.UniqueConstraint(condition=models.Q(('archived_at__isnull', True), models.Q(('external_id', ''), _negated=True)), fields=('company', 'external_id'), name='customer_external_id_once', violation_error_message='Another customer has this external id.'), models.CheckConstraint(condition=models.Q(('birthday', ''), ('birthday__regex', '^([0-9]{4}|-)-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-9]))$'), _connector='OR'), name='customer_birthday'), models.CheckConstraint(condition=models.Q(('tags', []), customers.models.finding.AreTags('tags'), _connector='OR'), name='customer_tags'), models.CheckConstraint(condition=models.Q(('erased_at__isnull', True), ('archived_at__isnull', False), _connector='OR'), name='customer_erased')],
        },
    ),
    migrations.CreateModel(
        name='Address',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('archived_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='archived at')),
            ('label', models.CharField(blank=True, max_length=100, verbose_name='label')),
            ('street', models.CharField(blank=True, max_length=300, verbose_name='street')),
            ('sub_premise', models.CharField(blank=True, max_length=100, verbose_name='flat, floor or unit')),
            ('city', models.CharField(blank=True, max_length=120, verbose_name='city')),
            ('state', models.CharField(blank=True, max_length=120, verbose_name='state or county')),
            ('postal_code', models.CharField(blank=True, max_length=30, verbose_name='postal code')),
            ('country', models.CharField(blank=True, max_length=100, verbose_name='country')),
            ('access_notes', models.TextField(blank=True, max_length=2000, verbose_name='how to get in')),
            ('is_default', models.BooleanField(default=False, verbose_name='default address')),
            ('postal_key', models.GeneratedField(db_persist=True, expression=models.Func(models.F('postal_code'), function='regulars_postal_key'), output_field=models.TextField())),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('customer', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='addresses', to='customers.customer')),
        ],
        options={
            'verbose_name': 'address',
            'verbose_name_plural': 'addresses',
            'indexes': [models.Index(fields=['company', 'customer'], name='address_of_customer'), models.Index(fields=['company', 'postal_key'], name='address_postal_key'), models.Index(models.F('company'), models.Func(models.F('postal_code'), models.F('city'), models.F('street'), models.F('sub_premise'), function='customers_place_key'), condition=models.Q(('archived_at__isnull', True)), name='address_place')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='customers_address_company'), models.UniqueConstraint(condition=models.Q(('archived_at__isnull', True), ('is_default', True)), fields=('company', 'customer'), name='address_one_default')],
        },
    ),
    migrations.CreateModel(
        name='CustomerUser',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('archived_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='archived at')),
            ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
            ('first_name', models.CharField(blank=True, max_length=200, verbose_name='first name')),
            ('last_name', models.CharField(blank=True, max_length=200, verbose_name='last name')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('customer', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='users', to='customers.customer')),
        ],
        options={
            'verbose_name': 'user',
            'verbose_name_plural': 'users',
            'indexes': [models.Index(fields=['company', 'customer', 'id'], name='user_of_customer')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='customers_customeruser_company'), models.UniqueConstraint(models.F('company'), models.F('customer'), django.db.models.functions.text.Lower('email'), condition=models.Q(('archived_at__isnull', True), models.Q(('email', ''), _negated=True)), name='customer_user_email_once', violation_error_message='This customer has a user with this e-mail already.')],
        },
    ),
    migrations.CreateModel(
        name='Note',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('content', models.TextField(max_length=10000, verbose_name='note')),
            ('author_name', models.CharField(editable=False, max_length=255, verbose_name='written by')),
            ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
            ('author', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('customer', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='customers.customer')),
        ],
        options={
            'verbose_name': 'note',
            'verbose_name_plural': 'notes',
            'indexes': [models.Index(fields=['company', 'customer', 'id'], name='note_of_customer')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='customers_note_company')],
        },
    ),
    migrations.CreateModel(
        name='Zone',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('archived_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='archived at')),
            ('name', models.CharField(max_length=200, verbose_name='name')),
            ('postal_codes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), default=list, verbose_name='postal codes')),
            ('postal_keys', models.GeneratedField(db_persist=True, expression=models.Func(models.F('postal_codes'), function='regulars_postal_keys'), output_field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField()))),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
        ],
        options={
            'verbose_name': 'zone',
            'verbose_name_plural': 'zones',
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='customers_zone_company')],
        },
    ),
    migrations.CreateModel(
        name='ContactPoint',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('archived_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='archived at')),
            ('kind', models.CharField(choices=[('email', 'e-mail'), ('phone', 'phone')], max_length=5, verbose_name='kind')),
            ('value', models.CharField(max_length=254, verbose_name='e-mail address or phone number')),
            ('label', models.CharField(blank=True, max_length=60, verbose_name='label')),
            ('phone_e164', models.CharField(blank=True, editable=False, max_length=20)),
            ('phone_national', models.CharField(blank=True, editable=False, max_length=20)),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('customer', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='contact_points', to='customers.customer')),
        ],
        options={
            'verbose_name': 'contact point',
            'verbose_name_plural': 'contact points',
            'indexes': [models.Index(fields=['company', 'customer', 'id'], name='contact_point_of_customer'), django.contrib.postgres.indexes.GinIndex(models.Func(models.F('company'), models.F('kind'), models.F('value'), models.F('phone_e164'), models.F('phone_national'), function='customers_point_words'), condition=models.Q(('archived_at__isnull', True)), name='contact_point_words')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='customers_contactpoint_company'), models.UniqueConstraint(models.F('company'), models.F('customer'), models.F('kind'), django.db.models.functions.text.Lower('value'), condition=models.Q(('archived_at__isnull', True)), name='contact_point_once', violation_error_message='This customer has this contact point already.'), models.CheckConstraint(condition=models.Q(('kind', 'phone'), models.Q(('kind', 'email'), ('phone_e164', ''), ('phone_national', '')), _connector='OR'), name='contact_point_kind'), models.CheckConstraint(condition=models.Q(('value', django.db.models.functions.text.Trim('value')), models.Q(('value', ''), _negated=True)), name='contact_point_value')],
        },
    ),
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
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('customer', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='erasures', to='customers.customer')),
        ],
        options={
            'verbose_name': 'erasure',
            'verbose_name_plural': 'erasures',
            'indexes': [models.Index(fields=['company', 'customer', 'id'], name='erasure_of_customer'), models.Index(condition=models.Q(('cancelled_at__isnull', True), ('erased_at__isnull', True)), fields=['company', 'due_at'], name='erasure_waiting')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='customers_erasure_company'), models.UniqueConstraint(condition=models.Q(('cancelled_at__isnull', True), ('erased_at__isnull', True)), fields=('company', 'customer'), name='erasure_waiting_once'), models.CheckConstraint(condition=models.Q(('cancelled_at__isnull', True), ('erased_at__isnull', True), _connector='OR'), name='erasure_one_end')],
        },
    ),
    migrations.CreateModel(
        name='ErasureMark',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('digest', models.CharField(max_length=64)),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('erasure', config.tenancy.models.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='marks', to='customers.erasure')),
        ],
        options={
            'verbose_name': 'mark of an erasure',
            'verbose_name_plural': 'marks of erasures',
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='customers_erasuremark_company'), models.UniqueConstraint(fields=('company', 'digest', 'erasure'), name='erasure_mark_once')],
        },
    ),
    migrations.CreateModel(
        name='Duplicate',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('customer', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer', verbose_name='customer')),
            ('other', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer', verbose_name='and')),
            ('score', models.PositiveSmallIntegerField(verbose_name='how likely')),
            ('reasons', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), verbose_name='why')),
            ('dismissed_at', models.DateTimeField(editable=False, null=True, verbose_name='not the same since')),
            ('dismissed_by', models.CharField(blank=True, editable=False, max_length=255, verbose_name='not the same, says')),
        ],
        options={
            'verbose_name': 'likely duplicate',
            'verbose_name_plural': 'likely duplicates',
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='customers_duplicate_company'), models.UniqueConstraint(fields=('company', 'customer', 'other'), name='duplicate_once'), models.CheckConstraint(condition=models.Q(('customer__lt', models.F('other'))), name='duplicate_in_order')],
            'indexes': [models.Index(fields=['company', '-score', '-id'], name='duplicate_by_score')],
        },
    ),
    migrations.CreateModel(
        name='DuplicateSearch',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('position', models.BigIntegerField()),
            ('scanned_to', models.UUIDField(null=True)),
            ('rules', models.PositiveSmallIntegerField()),
        ],
        options={
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='customers_duplicatesearch_company'), models.UniqueConstraint(fields=('company',), name='duplicate_search_of_company')],
        },
    ),
    migrations.CreateModel(
        name='CustomerMerge',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('external_id', models.CharField(blank=True, max_length=200, verbose_name='external id')),
            ('plan', models.CharField(max_length=40)),
            ('fields', models.JSONField(default=list)),
            ('moved', models.JSONField(default=list)),
            ('actor_name', models.CharField(max_length=255, verbose_name='merged by')),
            ('first_change', models.BigIntegerField(default=0)),
            ('last_change', models.BigIntegerField(default=0)),
            ('undone_at', models.DateTimeField(null=True, verbose_name='undone at')),
            ('undone_by', models.CharField(blank=True, default='', max_length=255, verbose_name='undone by')),
            ('undo_after', models.BigIntegerField(default=0)),
            ('undo_until', models.BigIntegerField(default=0)),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('kept', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='merges', to='customers.customer', verbose_name='customer who stayed')),
            ('merged', config.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer', verbose_name='merged customer')),
        ],
        options={
            'verbose_name': 'merge',
            'verbose_name_plural': 'merges',
            'indexes': [models.Index(fields=['company', 'kept', 'id'], name='merge_of_kept'), models.Index(fields=['company', 'merged', 'id'], name='merge_of_merged'), models.Index(condition=models.Q(models.Q(('external_id', ''), _negated=True), ('undone_at__isnull', True)), fields=['company', 'external_id'], name='merge_external_id')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='customers_customermerge_company')],
        },
    ),
    migrations.CreateModel(
        name='MovedRow',
        fields=[
            ('id', models.UUIDField(default=config.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
            ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
            ('table_name', models.CharField(max_length=63)),
            ('row_id', models.UUIDField()),
            ('before', models.JSONField()),
            ('after', models.JSONField()),
            ('company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.company')),
            ('merge', config.tenancy.models.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='customers.customermerge')),
        ],
        options={
            'verbose_name': 'moved row',
            'verbose_name_plural': 'moved rows',
            'indexes': [models.Index(fields=['company', 'row_id'], name='moved_row_of_row')],
            'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='customers_movedrow_company'), models.UniqueConstraint(fields=('company', 'merge', 'table_name', 'row_id'), name='moved_row_once')],
        },
    ),
    migrations.RunSQL(
        """
        CREATE TABLE customers_wordcount (
            company_id uuid NOT NULL,
            word text COLLATE "C" NOT NULL,
            shared smallint NOT NULL,
            customers integer NOT NULL
        );
        CREATE INDEX customers_wordcount_word
            ON customers_wordcount (company_id, word, shared) INCLUDE (customers);
        CREATE TABLE customers_nameword (
            company_id uuid NOT NULL,
            word text COLLATE "C" NOT NULL
        );
        CREATE INDEX customers_nameword_word ON customers_nameword (company_id, word);
        CREATE INDEX customers_nameword_neighbours ON customers_nameword
            USING gin (customers_neighbours(company_id, word));
        CREATE TABLE customers_namegathering (
            company_id uuid PRIMARY KEY,
            customer_id uuid,
            ended_at timestamptz
        );
        """
    ),
    RunSqlFiles("sql/search.sql", "sql/search_terms.sql", "sql/word_counts.sql"),
    RunSqlFiles("sql/name_words.sql", "sql/likeness.sql", "sql/duplicates.sql"),
    RunSqlFiles("sql/erasing.sql", "sql/merges.sql"),
    ProtectTable("customers_customer", {"merged_into_id": "customers_customer"}),
    ProtectTable("customers_address", {"customer_id": "customers_customer"}),
    ProtectTable("customers_contactpoint", {"customer_id": "customers_customer"}),
    ProtectTable("customers_customeruser", {"customer_id": "customers_customer"}),
    ProtectTable("customers_note", {"customer_id": "customers_customer"}),
    ProtectTable("customers_zone"),
    ProtectTable("customers_wordcount", rights=("SELECT",)),
    ProtectTable("customers_nameword", rights=("SELECT",)),
    ProtectTable("customers_namegathering", rights=("SELECT",)),
    ProtectTable("customers_erasure", {"customer_id": "customers_customer"}),
    ProtectTable(
        "customers_erasuremark", {"erasure_id": "customers_erasure"}, ("SELECT", "INSERT")
    ),
    ProtectTable(
        "customers_duplicate",
        {"customer_id": "customers_customer", "other_id": "customers_customer"},
        ("SELECT", "INSERT", "UPDATE", "DELETE"),
    ),
    ProtectTable("customers_duplicatesearch"),
    # The erasure of a person empties the columns of the last right of both.
    ProtectTable(
        "customers_customermerge",
        {"kept_id": "customers_customer", "merged_id": "customers_customer"},
        (
            "SELECT",
            "INSERT",
            "UPDATE (last_change, undone_at, undone_by, undo_after, undo_until)",
            "UPDATE (external_id, fields)",
        ),
    ),
    ProtectTable(
        "customers_movedrow",
        {"merge_id": "customers_customermerge"},
        ("SELECT", "INSERT", "UPDATE (before, after)"),
    ),
    KeepChanges("customers_customer", customer="id"),
    KeepChanges("customers_address", customer="customer_id"),
    KeepChanges("customers_contactpoint", customer="customer_id"),
    KeepChanges("customers_customeruser", customer="customer_id"),
    KeepChanges("customers_note", customer="customer_id"),
    KeepChanges("customers_zone"),
    KeepChanges("customers_erasure", ("people", "report"), customer="customer_id"),
    GrantExecute(
        "customers_emptied(jsonb, text[])",
        "customers_erase_filters(uuid, text[], text[])",
        "customers_erase_history(uuid, text, text[])",
        "customers_erase_messages(uuid, text[], text[])",
        "customers_erased_people(uuid)",
        "customers_found_or_similar(text, integer)",
        "customers_gather_names(integer)",
        "customers_likely(uuid, boolean)",
        "customers_mentions(text, text[], text[])",
        "customers_moves(uuid, text, uuid, uuid, uuid)",
        "customers_reached(text)",
        "customers_similar(text, integer)",
        "customers_tagged(text)",
        "customers_tidy_names()",
        "customers_with_email(text)",
    ),
    # They read rows of a company that the caller names.
    migrations.RunSQL(
        """
        REVOKE ALL ON FUNCTION
            customers_asked(uuid, text, text),
            customers_counted(uuid, text),
            customers_edge(uuid, bigint),
            customers_named(uuid, tsquery, integer),
            customers_newest(uuid),
            customers_picked(uuid, tsquery, integer),
            customers_ranked_terms(uuid, text),
            customers_sharing(uuid, text, text, tsquery, integer),
            customers_similar_words(uuid, text, integer),
            customers_terms(uuid, text, text, boolean),
            customers_traits(uuid, uuid),
            customers_with_point(uuid, tsquery, integer)
        FROM PUBLIC
        """
    ),
]
