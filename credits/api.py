"""Credits, coupons and passes (contract, sections 1 and 4; v1 has more than the documents)."""

from typing import Any

from django.http import HttpResponse

from billing.models import Plan
from config.api.parents import Parent
from config.api.resource import Resource
from config.api.surfaces import credits, m2m, v1
from customers.api import of_customer
from customers.models import Customer
from customers.shapes.shown import CUSTOMER

from .actions import (
    archive_coupon,
    archive_pass_product,
    archive_rule,
    create_coupon,
    create_pass_product,
    create_rule,
    issue_credit,
    redeem_credit,
    restore_coupon,
    restore_pass_product,
    reverse_redemption,
    reverse_use,
    revoke_credit,
    sell_pass,
    update_coupon,
    update_pass_product,
    use_pass,
)
from .balances import balance_as_of
from .eligibility import forecast_payment
from .filters import BalanceMoment, CatalogueFilters, CreditFilters
from .models import Coupon, Credit, CreditRule, Entry, PassProduct, PassPurchase
from .shapes.accepted import (
    ChangedCoupon,
    ChangedPass,
    NewCoupon,
    NewCredit,
    NewGrant,
    NewPass,
    NewPurchase,
    NewRedemption,
    NewUse,
    PaymentAsked,
    Reversal,
)
from .shapes.shown import (
    COUPON,
    CREDIT,
    PASS,
    PURCHASE,
    REDEMPTION,
    RULE,
    Balance,
    CouponTerms,
    CustomerCredit,
    CustomerPass,
    Eligibility,
    PassBought,
    PassForSale,
    PassUse,
    PlanGrant,
    Redemption,
    described,
)

of_credit = Parent("credit_id", Credit.objects, within="customer_id")
of_purchase = Parent("purchase_id", PassPurchase.objects, within="customer_id")
of_plan = Parent("plan_id", Plan.objects)


class Credits(Resource):
    """Credits of a customer."""

    surface = credits
    scopes = {"read": "credits:read", "write": "credits:write"}
    queryset = Credit.objects.newest_first()
    ids = {"customer_id": CUSTOMER, "id": CREDIT}
    parent = of_customer
    filterset_class = CreditFilters
    shows = {"*": CustomerCredit}
    accepts = {"create": NewCredit}

    def create(self, request: Any, customer_id: str) -> HttpResponse:
        """Issue a coupon to the customer, with the terms that it has now."""
        self.require_parent()
        credit = issue_credit(Credit(**self.accepted()), actor=self.actor)
        return self.show(credit, status=201)

    def destroy(self, request: Any, customer_id: str, id: str) -> HttpResponse:
        """Revoke what is left of a credit; doing it again changes nothing."""
        credit = self.target()
        revoke_credit(credit, actor=self.actor)
        return self.show(credit)


class Passes(Resource):
    """Passes that a customer bought, newest first."""

    surface = m2m
    aliases = ("packages",)
    scopes = {"read": "packages:read", "write": "packages:write"}
    queryset = PassPurchase.objects.newest_first()
    ids = {"customer_id": CUSTOMER}
    parent = of_customer
    shows = {"*": CustomerPass}


class PassPurchases(Resource):
    """Passes that a customer bought, newest first."""

    surface = v1
    scopes = {"read": "packages:read", "write": "packages:write"}
    queryset = PassPurchase.objects.newest_first()
    ids = {"customer_id": CUSTOMER, "id": PURCHASE}
    parent = of_customer
    shows = {"*": PassBought}
    accepts = {"create": NewPurchase}

    def create(self, request: Any, customer_id: str) -> HttpResponse:
        """Sell a pass to the customer, as it is sold now."""
        purchase = PassPurchase(customer=self.above, **self.accepted())
        return self.show(sell_pass(purchase, actor=self.actor), status=201)


class Coupons(Resource):
    """Coupons, newest first: what credits are issued from."""

    surface = v1
    scopes = {"read": "coupons:read", "write": "coupons:write"}
    queryset = Coupon.objects.newest_first()
    ids = {"id": COUPON}
    filterset_class = CatalogueFilters
    shows = {"*": CouponTerms}
    accepts = {"create": NewCoupon, "partial_update": ChangedCoupon}

    def create(self, request: Any) -> HttpResponse:
        """Make a coupon."""
        return self.show(create_coupon(Coupon(**self.accepted()), actor=self.actor), status=201)

    def partial_update(self, request: Any, id: str) -> HttpResponse:
        """Change a coupon; credits that are out keep their terms."""
        coupon = self.target()
        update_coupon(coupon, changes=self.accepted(), actor=self.actor)
        return self.show(coupon)

    def archive(self, request: Any, id: str) -> HttpResponse:
        """Stop a coupon from being issued; credits that are out stay good."""
        coupon = self.target()
        archive_coupon(coupon, actor=self.actor)
        return self.show(coupon)

    def restore(self, request: Any, id: str) -> HttpResponse:
        """Let a coupon be issued again."""
        coupon = self.target()
        restore_coupon(coupon, actor=self.actor)
        return self.show(coupon)


class Redemptions(Resource):
    """Uses of a credit, newest first."""

    surface = v1
    scopes = {"read": "credits:read", "write": "credits:write"}
    queryset = Entry.objects.uses().newest_first()
    ids = {"customer_id": CUSTOMER, "credit_id": CREDIT, "id": REDEMPTION}
    parent = of_credit
    shows = {"*": Redemption}
    accepts = {"create": NewRedemption, "reverse": Reversal}

    def create(self, request: Any, customer_id: str, credit_id: str) -> HttpResponse:
        """Use a credit, once for each reference; a balance of money takes an amount."""
        use = redeem_credit(self.above, **self.accepted(), actor=self.actor)
        return self.show(use, status=201)

    def reverse(self, request: Any, customer_id: str, credit_id: str, id: str) -> HttpResponse:
        """Give back what a use took."""
        use = self.target()
        reverse_redemption(use, **self.accepted(), actor=self.actor)
        return self.show(use)


class PassUses(Resource):
    """Uses of a pass, newest first."""

    surface = v1
    scopes = {"read": "packages:read", "write": "packages:write"}
    queryset = Entry.objects.uses().newest_first()
    ids = {"customer_id": CUSTOMER, "purchase_id": PURCHASE, "id": REDEMPTION}
    parent = of_purchase
    shows = {"*": PassUse}
    accepts = {"create": NewUse, "reverse": Reversal}

    def create(self, request: Any, customer_id: str, purchase_id: str) -> HttpResponse:
        """Use visits of a pass, once for each reference."""
        use = use_pass(self.above, **self.accepted(), actor=self.actor)
        return self.show(use, status=201)

    def reverse(self, request: Any, customer_id: str, purchase_id: str, id: str) -> HttpResponse:
        """Give visits back to their pass."""
        use = self.target()
        reverse_use(use, **self.accepted(), actor=self.actor)
        return self.show(use)


class PassProducts(Resource):
    """Passes for sale, newest first."""

    surface = v1
    scopes = {"read": "packages:read", "write": "packages:write"}
    queryset = PassProduct.objects.newest_first()
    ids = {"id": PASS}
    filterset_class = CatalogueFilters
    shows = {"*": PassForSale}
    accepts = {"create": NewPass, "partial_update": ChangedPass}

    def create(self, request: Any) -> HttpResponse:
        """Offer a pass for sale."""
        product = create_pass_product(PassProduct(**self.accepted()), actor=self.actor)
        return self.show(product, status=201)

    def partial_update(self, request: Any, id: str) -> HttpResponse:
        """Change what is sold from now on; passes that were bought stay as they are."""
        product = self.target()
        update_pass_product(product, changes=self.accepted(), actor=self.actor)
        return self.show(product)

    def archive(self, request: Any, id: str) -> HttpResponse:
        """Stop selling a pass; those that were bought stay good."""
        product = self.target()
        archive_pass_product(product, actor=self.actor)
        return self.show(product)

    def restore(self, request: Any, id: str) -> HttpResponse:
        """Sell a pass again."""
        product = self.target()
        restore_pass_product(product, actor=self.actor)
        return self.show(product)


class Grants(Resource):
    """What a plan grants every so often."""

    surface = v1
    scopes = {"read": "plans:read", "write": "plans:write"}
    queryset = CreditRule.objects.live().newest_first()
    ids = {"plan_id": "plan_", "id": RULE}
    parent = of_plan
    shows = {"*": PlanGrant}
    accepts = {"create": NewGrant}

    def create(self, request: Any, plan_id: str) -> HttpResponse:
        """Let a plan grant a coupon every so often."""
        rule = CreditRule(plan=self.above, **self.accepted())
        return self.show(create_rule(rule, actor=self.actor), status=201)

    def destroy(self, request: Any, plan_id: str, id: str) -> HttpResponse:
        """End what a plan grants; what was granted stays."""
        rule = self.target()
        answer = self.show(rule)
        archive_rule(rule, actor=self.actor)
        return answer


class Holdings(Resource):
    """What a customer holds, as a whole."""

    surface = v1
    scopes = {"read": "credits:read", "write": "credits:write", "forecast": "credits:read"}
    queryset = Customer.objects.oldest_first()
    ids = {"id": CUSTOMER}
    filterset_class = BalanceMoment
    filtered = ("balance",)
    looks = ("forecast",)
    shows = {"balance": Balance, "forecast": Eligibility}
    accepts = {"forecast": PaymentAsked}

    def balance(self, request: Any, id: str) -> HttpResponse:
        """Sum up what a customer holds, or held at a moment."""
        return self.tell(balance_as_of(self.target(), **self.given()))

    def forecast(self, request: Any, id: str) -> HttpResponse:
        """Work out what would pay for a service or an amount, and why the rest would not."""
        customer, asked = self.target(), self.accepted()
        return self.tell(described(forecast_payment(customer, **asked, actor=self.actor)))
