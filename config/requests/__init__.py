"""The log of API requests: what each API client and key has done and been refused, for 30 days.

The web process notes a request in memory (`recorder.py`) and writes what it noted some seconds
later (`actions.py`). `usage.py` says what a credential has used.
"""
