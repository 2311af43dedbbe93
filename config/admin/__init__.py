"""The shared parts of the back-office: the site, lists, forms, buttons, export, history.

An app declares a `CompanyAdmin` (`pages.py`) with its fields and buttons. `sent_forms.py` makes
each form take effect at most once.
"""
