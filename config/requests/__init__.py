"""The log of API requests: the writes and refusals of each API client and key, for 30 days.

A web process collects requests in memory (`recorder.py`) and writes them some seconds later
(`actions.py`). `usage.py` reports which operations and scopes a credential has used.
"""
