"""Registers as lists: what a snapshot holds, joined with what people keep, and what is due."""
