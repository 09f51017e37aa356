"""The connector for Directus 11 and 12."""
