"""A name that landed migrations import from this module."""

from config.times import Clock

__all__ = ["Clock"]
