"""Plans, subscriptions, invoices, payments and credit notes, in the order of the menu."""

# isort: off
from . import plans
from . import invoices
from . import credit_notes
from . import payments
