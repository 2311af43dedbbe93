"""Issue a credit to many customers: the same coupon, end and reason for each."""

import datetime
import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.admin.buttons import Button
from config.admin.forms import ManyAnswers, Picker, Reason
from config.money import show_money
from config.tenancy.actors import Actor
from customers.models import Customer

from ..actions import issue_credit
from ..actions.ledger import share_receiver
from ..models import Coupon, Credit
from .columns import gives, gives_until
from .ends import EndField
from .issuing import promise_of


class IssuingToMany(ManyAnswers):
    """The form that issues a coupon to many customers; it shows the terms before the issue."""

    refused_at = {"coupon_id": "coupon"}

    coupon = forms.ModelChoiceField(
        Coupon.objects.all(),
        label=gettext_lazy("Coupon"),
        widget=Picker(Credit._meta.get_field("coupon"), admin.site),
    )
    expires_at = EndField()
    reason = Reason()

    def prepare(self) -> None:
        field: Any = self.fields["coupon"]
        field.queryset = Coupon.objects.visible_to(self.actor).live()
        field.label_from_instance = lambda coupon: f"{coupon} · {gives(coupon)}"

    def answers(self) -> dict[str, Any]:
        """Return the answers in the form in which a background job stores them."""
        end = self.cleaned_data["expires_at"]
        return {
            "coupon": str(self.cleaned_data["coupon"].pk),
            "expires_at": end.isoformat() if end else "",
            "reason": self.cleaned_data["reason"],
        }

    def review(self, count: int) -> Sequence[str]:
        coupon, end = self.cleaned_data["coupon"], self.cleaned_data["expires_at"]
        promise = gives_until(coupon, end) if end else promise_of(coupon)
        sentences = [
            _("Each of them gets a credit of “%(coupon)s”: %(promise)s")
            % {"coupon": coupon, "promise": promise}
        ]
        if coupon.is_amount:
            all_of_it = show_money(coupon.amount * count, coupon.currency)
            sentences.append(_("That is %(amount)s in all, at most.") % {"amount": all_of_it})
        sentences.append(_("Reason: %(reason)s") % {"reason": self.cleaned_data["reason"]})
        return sentences


def issue_to(
    customer: Customer, *, coupon: str, expires_at: str, reason: str, actor: Actor
) -> Credit:
    """Issue a credit to one of many customers."""
    credit = Credit(
        customer=customer,
        coupon_id=uuid.UUID(coupon),
        expires_at=datetime.datetime.fromisoformat(expires_at) if expires_at else None,
    )
    return issue_credit(credit, reason=reason, actor=actor)


def check_receiver(customer: Customer, *, actor: Actor) -> None:
    share_receiver(customer.pk, actor=actor)


ISSUE_TO_MANY = Button(
    name="issue_credit",
    label=gettext_lazy("Issue a credit"),
    done=gettext_lazy("given a credit"),
    confirm_text=gettext_lazy("Each customer gets a credit of their own, and the ledger says why."),
    act=issue_to,
    check=check_receiver,
    is_available=lambda customer: not customer.is_archived,
    icon="redeem",
    one=False,
    many_form=IssuingToMany,
    permission="credits.add_credit",
)
