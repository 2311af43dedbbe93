"""The question before a credit or a pass is revoked: what is taken back, and why."""

from django.utils.translation import gettext as _

from config.admin.forms import Answers, Reason

from ..models import Credit
from .columns import left_of_credit, left_of_pass


class Revoking(Answers):
    """Asks why what is left of a credit or a pass is taken back."""

    reason = Reason()

    def prepare(self) -> None:
        row = self.row
        is_credit = isinstance(row, Credit)
        what = {
            "name": row.coupon if is_credit else row.product,
            "left": left_of_credit(row) if is_credit else left_of_pass(row),
            "customer": row.customer,
        }
        self.explains = [
            _("%(name)s (%(left)s) is taken back from %(customer)s, and the ledger says so.")
            % what,
            _("This cannot be undone; a new credit can be issued.")
            if is_credit
            else _("This cannot be undone; a new pass can be sold."),
        ]
