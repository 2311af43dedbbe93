"""What customers pay, and what for, in the back-office: pages in the order of the menu."""

# isort: off
from . import plans
from . import invoices
from . import payments

__all__ = ["invoices", "payments", "plans"]
