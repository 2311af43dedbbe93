from django.db import migrations, models
from django.db.models import Q

from config.server.operations import AddIndexConcurrently, ValidateConstraint


class Migration(migrations.Migration):
    """Hold the payments of credits, and find the credit of a payment."""

    atomic = False

    dependencies = [("credits", "0016_credit_of_payment")]

    operations = [
        ValidateConstraint("credit", "credits_credit_payment_id_same_company"),
        AddIndexConcurrently(
            "credit",
            models.Index(
                condition=Q(payment__isnull=False),
                fields=["company", "payment"],
                name="credit_of_payment",
            ),
        ),
    ]
