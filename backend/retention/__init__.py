"""What a server removes by itself, so that it can run for months: old runs, and points of their charts."""
