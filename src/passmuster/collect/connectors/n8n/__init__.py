"""n8n: reads an instance through its public API and, where asked, an owner's session."""

from passmuster.collect.connectors.n8n.connector import N8n

__all__ = ["N8n"]
