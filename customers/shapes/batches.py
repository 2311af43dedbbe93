"""The response to a batch of customers."""

from rest_framework import serializers

from config.api.error_bodies import ErrorFacts

from .outputs import CustomerSummary


class BatchResult(serializers.Serializer):
    """What became of one customer of a batch: `customer`, or the `error` that it was refused with.

    A customer that was refused has left no trace.
    """

    status = serializers.IntegerField(
        help_text="201 created, 200 changed; any other is the status of the error, as a request "
        "for this customer alone is answered."
    )
    customer = CustomerSummary(required=False, help_text="The customer, as it is after the batch.")
    error = ErrorFacts(
        required=False,
        help_text="Why the customer was refused; `param` names the field within the customer.",
    )


class BatchResults(serializers.Serializer):
    """What became of each customer of a batch."""

    results = BatchResult(many=True, help_text="One for each customer sent, in the same order.")
