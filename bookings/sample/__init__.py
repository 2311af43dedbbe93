"""Plausible customers with histories, by the million: what `load_sample` makes and how.

What makes rows knows no model and no settings, so that a worker starts in no time.
"""
