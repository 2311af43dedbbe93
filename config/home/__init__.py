"""The back-office's site and its home page: today, and how the company is doing.

Cards that are slow to count are counted in the background (`tasks.py`).
"""
