"""Everything held about one person: handed over as a file, or erased, by what the models declare.

Models declare their columns (`config.tenancy.personal`), `registry.py` collects them with the way
from each table to its customer, and export, preview, erasure and scan are made from that alone.
"""
