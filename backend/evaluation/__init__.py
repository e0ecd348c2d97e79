"""Plays test games and measures networks."""
