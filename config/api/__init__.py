"""The parts that all endpoints share: an endpoint declares its fields, `resource.py` answers.

`contract.md` has the decisions behind the four surfaces. A request is authenticated and limited
in `authentication.py`; `shapes.py` and `rendered_list.py` render rows in PostgreSQL;
`idempotency.py` answers a request that is sent twice.
"""
