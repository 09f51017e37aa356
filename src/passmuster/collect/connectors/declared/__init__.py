"""Platforms without an interface: what their owner knows, in a workbook or its YAML twin."""
