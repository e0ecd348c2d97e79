"""What there is to draw with."""
