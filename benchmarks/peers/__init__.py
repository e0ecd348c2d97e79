"""Comparisons with other programs, which live in an environment of their own (`.venv-bench`)."""
