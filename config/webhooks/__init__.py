"""How integrators learn of changes: the feed that they read, and webhooks sent to them.

`actions/dispatch.py` turns changes into messages, `dispatcher.py` sends them in the background
worker, `signing.py` and `secrets.py` sign them, `feed/` is `GET /v1/changes`.
"""
