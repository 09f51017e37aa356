"""What is told to whom, by which way and how often."""
