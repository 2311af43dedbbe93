"""A customer's money on v1: unpaid amounts, and usable credits and passes."""

from typing import Any

from rest_framework import serializers

from config.api.shapes import CURRENCY

from ..models import Customer
from .stats import credits_left, to_pay, to_pay_in, visits_left


class ToPay(serializers.Serializer):
    """What a customer has still to pay in one currency, and its parts."""

    currency = serializers.CharField(help_text=CURRENCY)
    amount = serializers.IntegerField(
        help_text="All that is to be paid, in the smallest unit of `currency`: the sum of the rest."
    )
    invoices = serializers.IntegerField(
        help_text="The balances of issued invoices that are neither paid nor void."
    )
    bookings = serializers.IntegerField(
        help_text="Bookings that are neither cancelled nor paid and are on no invoice; of places, "
        "those that the customer bought."
    )
    media = serializers.IntegerField(
        help_text="Media that the customer bought, and that are neither cancelled nor paid."
    )


class CreditsLeft(serializers.Serializer):
    """What is left of a customer's credits of money in one currency."""

    currency = serializers.CharField(help_text=CURRENCY)
    amount = serializers.IntegerField(
        help_text="What is left of them, in the smallest unit of `currency`."
    )


class CustomerBalance(serializers.Serializer):
    """The amounts that a customer owes, and the credits and passes that the customer can use."""

    to_pay = ToPay(many=True, help_text="By currency; empty where nothing is to be paid.")
    credits = CreditsLeft(
        many=True, help_text="Credits of money that can be used, by currency; empty for none."
    )
    visits = serializers.IntegerField(help_text="Visits that are left on passes.")


def balance_of(customer: Customer) -> dict[str, Any]:
    """Return the balance of a customer, in the shape of `CustomerBalance`."""
    rows = Customer.objects.filter(pk=customer.pk, company_id=customer.company_id)
    found: Any = rows.annotate(
        credits_left=credits_left("pk"), visits_left=visits_left("pk"), **to_pay("pk")
    )
    row = found.only("pk").get()
    credits = sorted(row.credits_left, key=lambda one: one["currency"])
    return {"to_pay": to_pay_in(row), "credits": credits, "visits": row.visits_left}
