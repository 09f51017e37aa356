"""Vendors' notices: written by hand (YAML, JSON, CSV), from a calendar, or from a mail."""
