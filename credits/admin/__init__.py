"""What customers are owed, in the back-office: pages in the order of the menu."""

# isort: off
from . import coupons
from . import credits
from . import passes
from . import ledger

__all__ = ["coupons", "credits", "ledger", "passes"]
