"""The back-office pages of coupons, credits and passes, in the order of the menu."""

# isort: off
from . import coupons
from . import credits
from . import passes
from . import goodwill
from . import ledger
