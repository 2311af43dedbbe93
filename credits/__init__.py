"""Coupons, credits, passes, and the ledger that both are accounted in.

`actions/ledger.py` is the one place that writes entries; `proof.py` checks that balances are the
sums of their entries; `eligibility.py` forecasts what a credit would pay.
"""
