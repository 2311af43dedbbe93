"""The shared parts of all endpoints: an endpoint declares its fields, `resource.py` responds.

`contract.md` has the decisions behind the four surfaces. `authentication.py` authenticates requests
and applies rate limits; `shapes.py` and `rendered_list.py` render rows in PostgreSQL;
`idempotency.py` replays the response to a request that is sent again.
"""
