import config.tenancy.ids
import config.tenancy.models
import config.tenancy.money_fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from config.changes.operations import KeepChanges
from config.tenancy.operations import ProtectTable


class Migration(migrations.Migration):
    """Make the table of late cancellations."""

    dependencies = [("bookings", "0010_to_pay"), ("access", "0020_money_rules_hold"), ("billing", "0008_functions_from_files"), ("changes", "0015_event_types_by_their_new_names"), ("customers", "0012_with_email_is_granted")]

    operations = [
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
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='bookings_latecancellation_company'), models.UniqueConstraint(fields=('company', 'booking'), name='late_cancellation_once'), models.CheckConstraint(condition=models.Q(('keeps__in', ('visit', 'fee', 'waived'))), name='late_cancellation_keeps'), models.CheckConstraint(condition=models.Q(('fee__gte', 0), ('kept__gte', 0)), name='late_cancellation_amounts'), models.CheckConstraint(condition=models.Q(models.Q(('fee', 0), ('invoice__isnull', True)), ('fee__gt', 0), _connector='OR'), name='late_cancellation_fee')],
            },
        ),
        ProtectTable(
            "bookings_latecancellation",
            {
                "booking_id": "bookings_booking",
                "customer_id": "customers_customer",
                "invoice_id": "billing_invoice",
            },
            rights=("SELECT", "INSERT"),
        ),
        KeepChanges("bookings_latecancellation", customer="customer_id"),
    ]
