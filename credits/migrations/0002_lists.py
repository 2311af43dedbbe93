from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0002_grants'),
        ('billing', '0002_lists'),
        ('credits', '0001_initial'),
        ('customers', '0002_lists'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='credit',
            index=models.Index(condition=models.Q(('redeemed_at__isnull', True), ('revoked_at__isnull', True), ('expired_at__isnull', True)), fields=['company', 'customer'], name='credit_unfinished'),
        ),
    ]
