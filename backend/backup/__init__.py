"""Writes the data of a server into one file, also while the server runs, and puts such a file back."""
