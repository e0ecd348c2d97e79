"""Connections of the server: how many there may be, and how long a silent or slow one is kept."""
