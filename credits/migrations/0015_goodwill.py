import config.tenancy.ids
import config.tenancy.models
import config.tenancy.money_fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from config.changes.operations import KeepChanges
from config.tenancy.operations import ProtectTable


class Migration(migrations.Migration):
    """Make the table of goodwill."""

    dependencies = [("credits", "0014_sold_by_invoice_is_held"), ("access", "0020_money_rules_hold"), ("customers", "0012_with_email_is_granted"), ("changes", "0015_event_types_by_their_new_names")]

    operations = [
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
                'abstract': False,
                'indexes': [models.Index(fields=['company', 'customer', 'id'], name='goodwill_of_customer'), models.Index(condition=models.Q(('decision', '')), fields=['company', 'id'], name='goodwill_waiting')],
                'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='credits_goodwill_company'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='goodwill_amount'), models.CheckConstraint(condition=models.Q(models.Q(('credit__isnull', True), ('decided_at__isnull', True), ('decision', '')), models.Q(('credit__isnull', False), ('decided_at__isnull', False), ('decision__in', ('given', 'approved'))), models.Q(('credit__isnull', True), ('decided_at__isnull', False), ('decision', 'refused')), _connector='OR'), name='goodwill_decision'), models.CheckConstraint(condition=models.Q(models.Q(('decision__in', ('approved', 'refused')), _negated=True), ('asked_by_credential__isnull', True), ('decided_by_credential__isnull', True), models.Q(('decided_by_credential', models.F('asked_by_credential')), _negated=True), _connector='OR'), name='goodwill_second_person'), models.UniqueConstraint(condition=models.Q(('credit__isnull', False)), fields=('company', 'credit'), name='goodwill_credit')],
            },
        ),
        ProtectTable(
            "credits_goodwill",
            {"customer_id": "customers_customer", "credit_id": "credits_credit"},
        ),
        KeepChanges("credits_goodwill", customer="customer_id"),
    ]
