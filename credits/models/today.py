"""Landed migrations import this from here."""

from config.times import Clock

__all__ = ["Clock"]
