"""SQL statements that are compiled and prepared once and then reused.

Django compiles a queryset each time it runs. Here a queryset is compiled once to a statement with
placeholders (`compiling.py`), which each connection prepares once and runs in a pipeline
(`prepared.py`).
"""
