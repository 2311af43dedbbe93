"""The parts that all back-office pages share: the site, lists, forms, buttons, export, history.

A page of an app is a `CompanyAdmin` (`pages.py`) that declares its fields and its buttons. Every
form takes effect once (`sent_forms.py`).
"""
