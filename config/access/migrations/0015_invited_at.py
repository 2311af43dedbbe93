from django.db import migrations, models


class Migration(migrations.Migration):
    """Keep when a staff member was invited last."""

    dependencies = [("access", "0014_sequences_in_any_order")]

    operations = [
        migrations.AddField(
            "membership", "invited_at", models.DateTimeField(editable=False, null=True)
        ),
    ]
