"""JSON Schemas of a pack's files."""
