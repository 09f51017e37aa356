"""Evidence handed in, kept, superseded and bundled for others."""
