"""Writers: the same values as JSON, CSV, terminal tables and one HTML page."""
