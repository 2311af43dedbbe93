"""Plans, subscriptions, invoices, payments and saved payment methods.

Payments record money that has changed hands elsewhere; nothing here moves any. An invoice's total
and tax follow from its lines (`models/invoices.py`).
"""
