"""A review from its occasion to the sealed report."""
