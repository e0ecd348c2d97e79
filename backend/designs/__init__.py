"""Designs over HTTP: create, read, replace, delete, check."""
