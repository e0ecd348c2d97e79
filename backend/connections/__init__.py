"""Limits on the number of connections, and timeouts for idle and slow ones."""
