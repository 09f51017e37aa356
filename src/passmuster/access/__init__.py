"""Access certification: a population frozen, split by reviewer, answered, and held against the next look."""
