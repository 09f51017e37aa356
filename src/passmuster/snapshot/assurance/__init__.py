"""Vendors' own assurance: read from one file a vendor, held against today, told as tables and gaps."""
