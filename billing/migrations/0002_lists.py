from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0002_grants'),
        ('billing', '0001_initial'),
        ('customers', '0001_initial'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(condition=models.Q(('paid_at__isnull', True), ('voided_at__isnull', True)), fields=['company', 'customer'], name='invoice_open'),
        ),
        migrations.AddIndex(
            model_name='subscription',
            index=models.Index(condition=models.Q(('state', 'ACTIVE')), fields=['company', 'customer'], name='subscription_active'),
        ),
    ]
