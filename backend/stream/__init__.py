"""Stores the messages of runs in one order and sends them to the sockets of phones."""
