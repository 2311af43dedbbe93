from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0002_grants'),
        ('customers', '0001_initial'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(fields=['company', 'created_at'], name='customer_created'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(condition=models.Q(('archived_at__isnull', False)), fields=['company', 'id'], name='customer_archived'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(condition=models.Q(('archived_at__isnull', True), ('is_active', False)), fields=['company', 'id'], name='customer_paused'),
        ),
    ]
