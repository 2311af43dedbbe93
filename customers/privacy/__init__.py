"""Everything held about one person: export it as a file, or erase it.

Models declare their personal columns (`config.tenancy.personal`), and `registry.py` collects them
with the path from each table to its customer. Export, preview, erasure and scan use only these
declarations.
"""
