from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """Let a company say how long the erasure of a person waits."""

    dependencies = [("access", "0020_money_rules_hold")]

    operations = [
        migrations.AddField(
            "company",
            "erasure_days",
            models.SmallIntegerField(
                db_default=7, default=7, verbose_name="days before an erasure"
            ),
        ),
        AddConstraintNotValid(
            "company",
            models.CheckConstraint(
                condition=models.Q(("erasure_days__range", (0, 30))), name="company_erasure_days"
            ),
        ),
    ]
