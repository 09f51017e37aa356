"""Stage: what must be done about a match, by whom and by when, under a named policy."""
