"""ServiceNow: reads exported tables, or an instance through its Table API."""
