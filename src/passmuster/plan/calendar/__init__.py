"""From decisions and a calendar file to a problem: environments, windows, freezes, people, vendors' dates."""
