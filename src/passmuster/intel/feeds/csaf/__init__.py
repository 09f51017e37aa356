"""CSAF 2.0 and 2.1 with the VEX profile: the shape, the mandatory tests, and what becomes of a valid document."""
