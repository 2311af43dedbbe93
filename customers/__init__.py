"""Customers: who they are, how to reach them, who acts for them, and notes about them.

Search by words stands in `models/finding.py` and its SQL; reading files of customers in
`imports/`; the complete state of one customer in `shapes/state.py`.
"""
