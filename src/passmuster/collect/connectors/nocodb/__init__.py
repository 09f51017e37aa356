"""The connector for NocoDB."""
