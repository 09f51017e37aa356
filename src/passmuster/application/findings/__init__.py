"""Findings followed from look to look, their owners, exceptions and tickets."""
