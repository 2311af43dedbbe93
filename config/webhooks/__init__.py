"""How integrators learn about changes: the feed, which they read, and webhooks, which are sent.

`actions/dispatch.py` turns changes into messages, and `dispatcher.py` sends them in the background
worker. `signing.py` and `secrets.py` sign them. `feed/` is `GET /v1/changes`.
"""
