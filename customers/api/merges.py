"""Merges of two records of one person."""

from typing import Any

from django.http import HttpResponse

from config.api.parents import Parent
from config.api.resource import Resource
from config.api.surfaces import v1
from config.api.verbs import Verb

from .. import actions
from ..models import Customer, CustomerMerge
from ..shapes import inputs
from ..shapes.merges import MergeRecord
from .parts import CUSTOMERS


class Merges(Resource):
    """Merges of other records into a customer, newest first."""

    surface = v1
    scopes = CUSTOMERS
    queryset = CustomerMerge.objects.newest_first()
    parent = Parent("kept_id", Customer.objects, named="customer_id")
    shows = {"*": MergeRecord}
    accepts = {"merge": inputs.NewMerge}
    compares = ("merge",)
    verbs = {
        "undo": Verb(
            actions.undo_merge,
            "Undo a merge: everything is as it was before. What was added since to the customer "
            "who stayed remains there. It is refused after 30 days, and where something that the "
            "merge changed has been changed since.",
        )
    }

    def merge(self, request: Any, customer_id: str) -> HttpResponse:
        """Merge another record of the same person into a customer.

        Everything of the other one moves to the customer: bookings, invoices, payments, credits,
        passes, subscriptions, notes and whatever else there is. Its id and its external id mean the
        customer from now on. With `dry_run=true` the answer tells every field that differs and
        every row that would move; send its `plan` with the merge, and it is done only if the world
        is still as it was shown.
        """
        merge = actions.merge_customers(self.parent_object, **self.accepted(), actor=self.actor)
        return self.show(merge)
