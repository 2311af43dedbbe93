from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.access.actors import Actor
from config.access.constraints import refusing
from config.statements.inserting import insert
from customers.actions import lock_customer
from customers.models import Customer

from ..cards import refuse_card_numbers
from ..errors import InvalidPaymentMethod, NotTheirs, PaymentMethodRemoved, PaymentMethodTaken
from ..models import PaymentMethod
from ..models.payment_methods import PaymentMethodQuerySet


@transaction.atomic
def add_payment_method(method: PaymentMethod, *, actor: Actor) -> PaymentMethod:
    """Keep a reference to what a processor holds; the first live one is the default.

    Raises CustomerArchived, CardNumber, InvalidPaymentMethod or PaymentMethodTaken.
    """
    customer = lock_customer(method.customer, actor=actor)
    method.company_id = customer.company_id
    refuse_card_numbers(method)
    _check_fields(method)
    if not _of(customer).default().exists():
        method.is_default = True
    elif method.is_default:
        _of(customer).default().update(is_default=False)
    with refusing(payment_method_once=PaymentMethodTaken):
        insert(method)
    return method


@transaction.atomic
def prefer_payment_method(method: PaymentMethod, *, actor: Actor) -> None:
    """Make one the default in place of another; raises CustomerArchived or PaymentMethodRemoved."""
    customer = lock_customer(method.customer, actor=actor)
    _of(customer).default().exclude(pk=method.pk).update(is_default=False)
    if not _of(customer).live().filter(pk=method.pk).update(is_default=True):
        raise PaymentMethodRemoved


@transaction.atomic
def remove_payment_method(method: PaymentMethod, *, actor: Actor) -> None:
    """Archive one; the newest of those that are left takes over as the default.

    Raises CustomerArchived or PaymentMethodRemoved.
    """
    customer = lock_customer(method.customer, actor=actor)
    rows = _of(customer).live().filter(pk=method.pk)
    if not rows.update(archived_at=timezone.now(), is_default=False):
        raise PaymentMethodRemoved
    if not _of(customer).default().exists():
        newest = _of(customer).live().newest_first().values("pk")[:1]
        _of(customer).filter(pk__in=newest).update(is_default=True)


def check_theirs(method: PaymentMethod | None, customer: Customer) -> None:
    """Raise NotTheirs for what another customer pays with, or what was removed."""
    if method is not None and (method.customer_id != customer.pk or method.is_archived):
        raise NotTheirs


def _of(customer: Customer) -> PaymentMethodQuerySet:
    return PaymentMethod.objects.visible_to(customer).filter(customer=customer)


def _check_fields(method: PaymentMethod) -> None:
    """Raise InvalidPaymentMethod unless the fields are those that its type has."""
    Type = PaymentMethod.Type
    is_card, is_bank = method.type == Type.CARD, method.type in PaymentMethod.OF_BANKS
    if method.type not in Type.values:
        _refuse("type", _("There is no type “%(type)s”.") % {"type": method.type})
    if not method.token.strip():
        _refuse("token", _("Give the processor's token."))
    if (is_card or is_bank) and not method.last4:
        _refuse("last4", _("Give the last four digits."))
    if method.last4 and not (
        len(method.last4) == 4 and method.last4.isascii() and method.last4.isdigit()
    ):
        _refuse("last4", _("These are four digits."))
    if is_card and not method.brand:
        _refuse("brand", _("Give the card's brand."))
    if method.bank_name and not is_bank:
        _refuse("bank_name", _("Only a bank account has a bank."))
    _check_expiry(method, is_card)


def _check_expiry(method: PaymentMethod, is_card: bool) -> None:
    month, year = method.exp_month, method.exp_year
    if (month or year) and not is_card:
        _refuse("exp_month" if month else "exp_year", _("Only a card expires."))
    if (month is None) != (year is None):
        _refuse("exp_month" if month is None else "exp_year", _("Give month and year, or neither."))
    if month is not None and not 1 <= month <= 12:
        _refuse("exp_month", _("A month is from 1 to 12."))
    if year is not None and not 2000 <= year <= 2099:
        _refuse("exp_year", _("Give the year in full, from 2000 to 2099."))


def _refuse(field: str, sentence: str) -> None:
    raise InvalidPaymentMethod(f"{field}: {sentence}", fields={field: sentence})
