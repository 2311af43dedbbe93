"""Coupons, credits, passes, and the ledger of their balances.

Only `actions/ledger.py` writes entries; `proof.py` checks that balances are the sums of their
entries; `eligibility.py` forecasts what a credit would pay.
"""
