"""Everything with a date in one calendar, and what happens where a date passes."""
