from django.db import transaction
from django.utils.translation import gettext as _

from config.card_numbers import refuse_card_numbers
from config.statements.inserting import insert
from config.tenancy.actors import Actor
from config.tenancy.constraints import refusing
from config.tenancy.errors import NotArchived
from config.times import Clock
from customers.actions.locks import lock_customer, lock_owner
from customers.models import Customer

from ..errors import InvalidPaymentMethod, NotTheirs, PaymentMethodRemoved, PaymentMethodTaken
from ..models import PaymentMethod
from ..models.payment_methods import PaymentMethodQuerySet


@transaction.atomic
def add_payment_method(method: PaymentMethod, *, actor: Actor) -> PaymentMethod:
    """Add a payment method; the first live one is the default.

    Raises CustomerArchived, CardNumber, InvalidPaymentMethod or PaymentMethodTaken.
    """
    customer = lock_customer(method.customer, actor=actor)
    method.company_id = customer.company_id
    refuse_card_numbers(method)
    _check_fields(method)
    if not _methods(customer).default().exists():
        method.is_default = True
    elif method.is_default:
        _methods(customer).default().update(is_default=False)
    with refusing(payment_method_once=PaymentMethodTaken):
        insert(method)
    return method


@transaction.atomic
def prefer_payment_method(method: PaymentMethod, *, actor: Actor) -> None:
    """Make a payment method the default.

    Raises CustomerArchived or PaymentMethodRemoved.
    """
    customer = lock_owner(method, actor=actor)
    _methods(customer).default().exclude(pk=method.pk).update(is_default=False)
    if not _methods(customer).live().filter(pk=method.pk).update(is_default=True):
        raise PaymentMethodRemoved


@transaction.atomic
def remove_payment_method(method: PaymentMethod, *, actor: Actor) -> None:
    """Archive a payment method; the newest live one takes over as the default.

    Raises CustomerArchived or PaymentMethodRemoved.
    """
    customer = lock_owner(method, actor=actor)
    rows = _methods(customer).live().filter(pk=method.pk)
    if not rows.update(archived_at=Clock(), is_default=False):
        raise PaymentMethodRemoved
    if not _methods(customer).default().exists():
        newest = _methods(customer).live().newest_first().values("pk")[:1]
        _methods(customer).filter(pk__in=newest).update(is_default=True)


@transaction.atomic
def restore_payment_method(method: PaymentMethod, *, actor: Actor) -> None:
    """Restore an archived payment method; it becomes the default if there is no other.

    Raises CustomerArchived, NotArchived or PaymentMethodTaken.
    """
    customer = lock_owner(method, actor=actor)
    is_default = not _methods(customer).default().exists()
    rows = _methods(customer).archived().filter(pk=method.pk)
    with refusing(payment_method_once=PaymentMethodTaken):
        if not rows.update(archived_at=None, is_default=is_default):
            raise NotArchived


def check_theirs(method: PaymentMethod | None, customer: Customer) -> None:
    """Raise NotTheirs if the payment method is archived or belongs to another customer."""
    if method is not None and (method.customer_id != customer.pk or method.is_archived):
        raise NotTheirs


def _methods(customer: Customer) -> PaymentMethodQuerySet:
    return PaymentMethod.objects.visible_to(customer).filter(customer=customer)


def _check_fields(method: PaymentMethod) -> None:
    """Raise InvalidPaymentMethod unless the row has the fields of its type."""
    Type = PaymentMethod.Type
    is_card, is_bank = method.type == Type.CARD, method.type in PaymentMethod.OF_BANKS
    if method.type not in Type.values:
        facts = {"type": method.type, "types": ", ".join(Type.values)}
        sentence = _("Must be one of %(types)s; got “%(type)s”.") % facts
        raise InvalidPaymentMethod.at("type", sentence)
    if not method.token.strip():
        raise InvalidPaymentMethod.at("token", _("Must not be blank. Send the processor's token."))
    if (is_card or is_bank) and not method.last4:
        raise InvalidPaymentMethod.at(
            "last4", _("A card and a bank account need it. Send the last four digits.")
        )
    if method.last4 and not (
        len(method.last4) == 4 and method.last4.isascii() and method.last4.isdigit()
    ):
        raise InvalidPaymentMethod.at(
            "last4", _("Must be four digits; got “%(last4)s”.") % {"last4": method.last4}
        )
    if is_card and not method.brand:
        raise InvalidPaymentMethod.at("brand", _("A card needs it. Send the card's brand."))
    if method.bank_name and not is_bank:
        raise InvalidPaymentMethod.at(
            "bank_name", _("Only a bank account has a bank. Leave it out.")
        )
    _check_expiry(method, is_card)


def _check_expiry(method: PaymentMethod, is_card: bool) -> None:
    month, year = method.exp_month, method.exp_year
    if (month or year) and not is_card:
        raise InvalidPaymentMethod.at(
            "exp_month" if month else "exp_year", _("Only a card expires. Leave it out.")
        )
    if (month is None) != (year is None):
        raise InvalidPaymentMethod.at(
            "exp_month" if month is None else "exp_year",
            _("Send exp_month and exp_year, or neither."),
        )
    if month is not None and not 1 <= month <= 12:
        raise InvalidPaymentMethod.at(
            "exp_month", _("Must be from 1 to 12; got “%(month)s”.") % {"month": month}
        )
    if year is not None and not 2000 <= year <= 2099:
        raise InvalidPaymentMethod.at(
            "exp_year", _("Must be from 2000 to 2099; got “%(year)s”.") % {"year": year}
        )
