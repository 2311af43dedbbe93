"""Plans, subscriptions, invoices and payments in the back-office, in the order of the menu."""

# isort: off
from . import plans
from . import invoices
from . import payments
