"""Test games of stored checkpoints on request, with or without search."""
