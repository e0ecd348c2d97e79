"""Sweeps: runs of variants of one design, started, compared and stopped by the server."""
