"""The format between collecting and judging: tables, manifest, write, read, derive, drift."""
