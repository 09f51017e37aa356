"""Readers, one module a format: a document from outside becomes records, or is refused whole with the reason."""
