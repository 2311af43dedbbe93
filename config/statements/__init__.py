"""SQL that is compiled and prepared once, and run often.

Django compiles a query at each use; here a query becomes a statement with placeholders
(`compiling.py`), which a connection prepares once and runs in a pipeline (`prepared.py`).
"""
