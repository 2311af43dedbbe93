"""Customers, their addresses and contact points, the people who act for them, and their notes.

`models/finding.py` and its SQL search customers, `imports/` reads files of customers, and
`shapes/state.py` has the complete state of one customer.
"""
