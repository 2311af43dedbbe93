"""The forms that give back the credits of an invoice and that void it."""

from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bookings.models import Booking, MediaPurchase
from config.admin.forms import Answers, Explained, Reason
from config.admin.tables import link_to, table_of
from config.money import show_money
from credits.actions import sold_by
from credits.models import Entry

from ..models import Payment


def uses_to_give_back(invoice: Any, actor: Any) -> list[Any]:
    """Return the uses of credits that paid for an invoice and can be given back."""
    return [use for use in standing_uses(invoice, actor) if not _has_ended(use)]


def standing_uses(invoice: Any, actor: Any) -> list[Any]:
    """Return the uses of credits that paid for an invoice and were not reversed."""
    uses = Entry.objects.visible_to(actor).paying_for(invoice).standing()
    return list(uses.select_related("credit__coupon").order_by("id"))


def _has_ended(use: Any) -> bool:
    """Whether the credit of a use was revoked or has expired: such a use cannot be reversed."""
    return bool(use.credit.revoked_at or use.credit.expired_at)


class GivingBackCredits(Answers):
    """The form that gives back the credits of an invoice; it lists them and asks for the reason."""

    reason = Reason(help_text=gettext_lazy("Shown on the credit note and in the history."))

    def prepare(self) -> None:
        self.explains = [
            _("The credits can be used again. A credit note of invoice %(number)s is issued.")
            % {"number": self.row.number}
        ]
        uses = uses_to_give_back(self.row, self.actor)
        rows = [(link_to(use.credit), show_money(use.covered, self.row.currency)) for use in uses]
        self.tables = [table_of(_("To give back"), (_("credit"), _("paid of it")), rows)]


class Voiding(Explained):
    """The form that voids an invoice: what must be given back first, what ends, and the reason."""

    def prepare(self) -> None:
        rows = Payment.objects.visible_to(self.actor).filter(invoice=self.row)
        kept = list(rows.not_given_back().select_related("invoice").order_by("id"))
        standing = standing_uses(self.row, self.actor) if self.row.covered else []
        uses = [use for use in standing if not _has_ended(use)]
        if len(uses) < len(standing):
            self._lead_on([use for use in standing if _has_ended(use)])
            return
        if not (kept or uses):
            self.explains = [
                _("The invoice is no longer owed. It keeps its number and cannot be brought back."),
                *self._what_ends(),
                *self._what_returns(),
            ]
            return
        self._block()
        if kept:
            text = _("Money has been taken for this invoice. Refund it first, then void it.")
            self.explains = [text]
        if uses:
            text = _("Credits have paid for this invoice. Give them back first, then void it.")
            self.explains = [*self.explains, text]
        headers = (_("payment"), _("paid by"), _("left of it"), "")
        self.tables = [
            table_of(_("To refund first"), headers, [self._cells(one) for one in kept]),
            table_of(
                _("To give back first"),
                (_("credit"), *headers[1:]),
                [self._of_use(one) for one in uses],
            ),
        ]
        self.tables = [table for table in self.tables if table["rows"]]

    def _block(self) -> None:
        self.is_blocked = True
        del self.fields["reason"]

    def _lead_on(self, ended: list[Any]) -> None:
        """Explain why an ended credit prevents voiding, and offer alternatives."""
        self._block()
        balance, currency = self.row.balance, self.row.currency
        facts = {
            "paid": show_money(sum(use.covered for use in ended), currency),
            "balance": show_money(balance, currency),
        }
        self.explains = [
            _(
                "A credit paid %(paid)s of this invoice and has ended since. It takes nothing "
                "back, so the invoice cannot be voided."
            )
            % facts
        ]
        if balance:
            text = _(
                "Reduce the invoice by the %(balance)s that is left: then nothing is to be paid."
            )
            self.explains.append(format_html("{} {}", text % facts, self._to_reduce()))
        self.explains.append(
            format_html(
                "{} {}",
                _("What the credit paid can be given to the customer again as goodwill."),
                self._to_goodwill(),
            )
        )
        rows = [(link_to(use.credit), show_money(use.covered, currency)) for use in ended]
        headers = (_("credit"), _("paid of it"))
        self.tables = [table_of(_("Credits that have ended"), headers, rows)]

    def _to_reduce(self) -> Any:
        return link_to(self.row, _("Reduce"), page="reduce")

    def _to_goodwill(self) -> Any:
        address = f"{reverse('admin:credits_goodwill_add')}?customer={self.row.customer_id}"
        return format_html('<a href="{}" class="text-link">{}</a>', address, _("Give goodwill"))

    def _what_ends(self) -> list[str]:
        """Return sentences about the passes and subscriptions that end with the invoice."""
        sold = sold_by(self.row, actor=self.actor)
        return [
            *(self._of_pass(one) for one in sold.passes),
            *(
                _("The subscription to %(plan)s ends.") % {"plan": one.plan}
                for one in sold.subscriptions
            ),
        ]

    def _what_returns(self) -> list[str]:
        """Return sentences about the bookings and media that become unpaid again."""
        text = _("%(what)s is to be paid again: it returns to “To pay”.")
        found = (
            model.objects.visible_to(self.actor).filter(
                invoice=self.row, cancelled_at__isnull=True, total__gt=F("covered")
            )
            for model in (Booking, MediaPurchase)
        )
        return [text % {"what": one.offering} for rows in found for one in rows]

    def _of_pass(self, bought: Any) -> str:
        text = ngettext(
            "The pass %(name)s is revoked: %(count)d visit is left of it.",
            "The pass %(name)s is revoked: %(count)d visits are left of it.",
            bought.balance,
        )
        return text % {"name": bought.product, "count": bought.balance}

    def _cells(self, payment: Any) -> tuple[Any, ...]:
        return (
            link_to(payment),
            payment.get_method_display(),
            show_money(payment.left, payment.currency),
            link_to(payment, _("Refund"), page="refund"),
        )

    def _of_use(self, use: Any) -> tuple[Any, ...]:
        return (
            link_to(use.credit),
            _("credit"),
            show_money(use.covered, self.row.currency),
            link_to(self.row, _("Give back credits"), page="give-back"),
        )
