"""What the server keeps, in SQLite; the one place that knows there is SQL."""
