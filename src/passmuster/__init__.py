"""Passmuster: posture reviews and the patch schedule of no-code platforms that somebody else hosts."""

__version__ = "0.1.0"
