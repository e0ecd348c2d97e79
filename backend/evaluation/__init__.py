"""Evaluates networks: plays test games and measures how they read the board."""
