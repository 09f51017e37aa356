"""The record: verified, sealed by checkpoints, backed up and restored."""
