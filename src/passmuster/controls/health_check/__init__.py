"""Salesforce Health Check: the settings it looks at, its baselines, and packs made from them."""
