"""Inventory of Power Platform from exported tables of Microsoft's CoE starter kit."""
