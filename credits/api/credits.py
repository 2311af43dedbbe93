"""Credits, coupons and passes (contract, sections 1 and 4; v1 goes beyond the contract)."""

from typing import Any

from django.http import HttpResponse

from billing.models import Plan
from config.api.filtering import ArchivableFilters
from config.api.parents import Parent
from config.api.resource import Resource
from config.api.surfaces import credits, m2m, v1
from config.api.verbs import Verb
from config.tenancy.archiving import archive_row, restore_row
from config.tenancy.companies import currency_of
from customers.actions.locks import share_customer
from customers.api import of_customer
from customers.models import Customer

from .. import actions
from ..balances import balance_as_of
from ..eligibility import forecast_payment
from ..filters import (
    BalanceMoment,
    CreditFilters,
    CustomerGoodwillFilters,
    GoodwillFilters,
    StatusFilters,
)
from ..models import Coupon, Credit, CreditRule, Entry, Goodwill, PassProduct, PassPurchase
from ..shapes import forecasts, inputs, outputs, pass_inputs, passes, paying
from ..shapes.records import CreditRecord, GoodwillRecord

_CREDITS = {"read": "credits:read", "write": "credits:write"}
_PACKAGES = {"read": "packages:read", "write": "packages:write"}

of_credit = Parent("credit_id", Credit.objects, within=of_customer)
of_pass = Parent("purchase_id", PassPurchase.objects, within=of_customer, named="pass_id")
of_plan = Parent("plan_id", Plan.objects)


class Credits(Resource):
    """Credits of a customer."""

    surface = credits
    scopes = _CREDITS
    queryset = Credit.objects.newest_first()
    parent = of_customer
    filterset_class = CreditFilters
    shows = {"*": outputs.CustomerCredit}
    accepts = {"create": inputs.NewCustomerCredit}
    verbs = {
        "destroy": Verb(
            actions.revoke_credit,
            "Revoke what is left of a credit; doing it again changes nothing.",
        )
    }

    def create(self, request: Any, customer_id: str) -> HttpResponse:
        """Issue a coupon to the customer, with the terms that it has now."""
        self.require_parent()
        credit = actions.issue_credit(Credit(**self.accepted()), actor=self.actor)
        return self.show(credit, status=201)


class CustomerCredits(Resource):
    """Credits of a customer, newest first."""

    surface = v1
    scopes = _CREDITS
    queryset = Credit.objects.newest_first()
    parent = of_customer
    filterset_class = StatusFilters
    shows = {"*": CreditRecord}
    accepts = {"create": inputs.NewCredit, "revoke": inputs.Revocation}
    verbs = {
        "revoke": Verb(
            actions.revoke_credit,
            "Take back what is left of a credit; doing it again changes nothing.",
        )
    }

    def create(self, request: Any, customer_id: str) -> HttpResponse:
        """Issue a coupon to the customer, with the terms that it has now."""
        fields = self.accepted()
        # For an archived customer, the credits surface reports an invalid field; v1 reports a
        # conflict.
        share_customer(self.parent_object.pk, actor=self.actor)
        reason = fields.pop("reason", "")
        credit = Credit(customer=self.parent_object, **fields)
        return self.show(actions.issue_credit(credit, reason=reason, actor=self.actor), status=201)


class CustomerGoodwill(Resource):
    """Goodwill of a customer, newest first: given, or asked for above the limit of a role."""

    surface = v1
    scopes = _CREDITS
    queryset = Goodwill.objects.newest_first()
    parent = of_customer
    reads_at = "/v1/goodwill"
    filterset_class = CustomerGoodwillFilters
    shows = {"*": GoodwillRecord}
    accepts = {"create": inputs.NewGoodwill}
    verbs = {
        "create": Verb(
            actions.give_goodwill,
            "Give the customer a credit of an amount, without a coupon. API clients have no "
            "limit, so it is given at once.",
        )
    }


class AllGoodwill(Resource):
    """Goodwill of all customers, newest first: given, or asked for above the limit of a role."""

    surface = v1
    scopes = _CREDITS
    queryset = Goodwill.objects.newest_first()
    filterset_class = GoodwillFilters
    shows = {"*": GoodwillRecord}
    accepts = {"refuse": inputs.GoodwillRefusal}
    verbs = {
        "approve": Verb(
            actions.approve_goodwill,
            "Approve goodwill that waits, which issues its credit; a second approval is a 409.",
        ),
        "refuse": Verb(actions.refuse_goodwill, "Refuse goodwill that waits."),
    }


class Packages(Resource):
    """Passes that a customer bought, newest first."""

    surface = m2m
    scopes = _PACKAGES
    queryset = PassPurchase.objects.newest_first()
    parent = of_customer
    shows = {"*": passes.CustomerPass}


class Passes(Resource):
    """Passes that a customer bought, newest first."""

    surface = v1
    scopes = _PACKAGES
    queryset = PassPurchase.objects.newest_first()
    key = "pass_id"
    parent = of_customer
    shows = {"*": passes.PassBought}
    accepts = {"create": paying.NewPass, "revoke": inputs.Revocation}
    verbs = {
        "revoke": Verb(
            actions.revoke_pass, "Take back what is left of a pass; doing it again changes nothing."
        )
    }

    def create(self, request: Any, customer_id: str) -> HttpResponse:
        """Sell a pass to the customer, as it is sold now, and put its price on an invoice."""
        fields = self.accepted()
        how = {name: fields.pop(name) for name in paying.PAYING if name in fields}
        purchase = PassPurchase(customer=self.parent_object, **fields)
        return self.show(actions.sell_pass(purchase, **how, actor=self.actor), status=201)


class Coupons(Resource):
    """Coupons, newest first: what credits are issued from."""

    surface = v1
    scopes = {"read": "coupons:read", "write": "coupons:write"}
    queryset = Coupon.objects.newest_first()
    filterset_class = ArchivableFilters
    shows = {"*": outputs.CouponTerms}
    accepts = {"create": inputs.NewCoupon, "partial_update": inputs.ChangedCoupon}
    verbs = {
        "create": Verb(actions.create_coupon, "Make a coupon."),
        "partial_update": Verb(
            actions.update_coupon, "Change a coupon; credits that are out keep their terms."
        ),
        "archive": Verb(
            actions.archive_coupon,
            "Stop a coupon from being issued; credits that are out stay good.",
        ),
        "restore": Verb(actions.restore_coupon, "Let a coupon be issued again."),
    }


class Redemptions(Resource):
    """Uses of a credit, newest first."""

    surface = v1
    scopes = _CREDITS
    queryset = Entry.objects.uses().newest_first()
    parent = of_credit
    shows = {"*": outputs.Redemption}
    accepts = {"create": inputs.NewRedemption, "reverse": inputs.Reversal}
    verbs = {"reverse": Verb(actions.reverse_redemption, "Give back what a use took.")}

    def create(self, request: Any, customer_id: str, credit_id: str) -> HttpResponse:
        """Use a credit, once for each reference; a balance of money takes an amount."""
        use = actions.redeem_credit(self.parent_object, **self.accepted(), actor=self.actor)
        return self.show(use, status=201)


class PassUses(Resource):
    """Uses of a pass, newest first."""

    surface = v1
    scopes = _PACKAGES
    queryset = Entry.objects.uses().newest_first()
    parent = of_pass
    shows = {"*": passes.PassUse}
    accepts = {"create": pass_inputs.NewPassUse, "reverse": inputs.Reversal}
    verbs = {"reverse": Verb(actions.reverse_use, "Give visits back to their pass.")}

    def create(self, request: Any, customer_id: str, pass_id: str) -> HttpResponse:
        """Use visits of a pass, once for each reference."""
        use = actions.use_pass(self.parent_object, **self.accepted(), actor=self.actor)
        return self.show(use, status=201)


class PassProducts(Resource):
    """Passes for sale, newest first."""

    surface = v1
    scopes = _PACKAGES
    queryset = PassProduct.objects.newest_first()
    filterset_class = ArchivableFilters
    shows = {"*": passes.PassForSale}
    accepts = {
        "create": pass_inputs.NewPassProduct,
        "partial_update": pass_inputs.ChangedPassProduct,
    }
    verbs = {
        "create": Verb(actions.create_pass_product, "Offer a pass for sale."),
        "partial_update": Verb(
            actions.update_pass_product,
            "Change what is sold from now on; passes that were bought stay as they are.",
        ),
        "archive": Verb(archive_row, "Stop selling a pass; those that were bought stay good."),
        "restore": Verb(restore_row, "Sell a pass again."),
    }


class CreditRules(Resource):
    """Credit rules, newest first: the coupons that a plan grants, and how often."""

    surface = v1
    scopes = {"read": "plans:read", "write": "plans:write"}
    queryset = CreditRule.objects.newest_first()
    parent = of_plan
    filterset_class = ArchivableFilters
    shows = {"*": outputs.CouponGrant}
    accepts = {"create": inputs.NewCreditRule}
    verbs = {
        "create": Verb(actions.create_rule, "Let a plan grant a coupon every so often."),
        "archive": Verb(archive_row, "End what a rule grants; what was granted stays."),
        "restore": Verb(
            restore_row,
            "Let a rule grant again, from the current period on; one that rolls over grants the "
            "periods that it missed as well.",
        ),
    }


class Holdings(Resource):
    """The balance and the eligibility of a customer."""

    surface = v1
    scopes = {**_CREDITS, "eligibility": "credits:read"}
    queryset = Customer.objects.oldest_first()
    filterset_class = BalanceMoment
    filtered = ("balance",)
    safe_actions = ("eligibility",)
    shows = {"balance": forecasts.Balance, "eligibility": forecasts.Eligibility}
    accepts = {"eligibility": inputs.EligibilityCheck}

    def balance(self, request: Any, id: str) -> HttpResponse:
        """Sum up what a customer holds, or held at a moment."""
        return self.show_document(balance_as_of(self.get_object(), **self.filters))

    def eligibility(self, request: Any, id: str) -> HttpResponse:
        """Work out what would pay for a service or an amount, and why the rest would not."""
        customer, asked = self.get_object(), self.accepted()
        forecast = forecast_payment(customer, **asked, actor=self.actor)
        currency = currency_of(self.actor.company_id)
        return self.show_document(forecasts.described(forecast, currency=currency))
