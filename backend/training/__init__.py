"""The training algorithms, and what they share."""
