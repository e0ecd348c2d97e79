"""Sync: phones push and pull in one call, and the server merges."""
