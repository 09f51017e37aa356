"""Power Platform tenants, read from what ScubaGear exports."""
