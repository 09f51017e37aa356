"""Vendors, platforms, environments with their times, owners and registers: what a house reviews, and how often."""
