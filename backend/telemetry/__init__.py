"""Telemetry that devices record with consent: stored, listed and deleted over HTTP, exported by the command line."""
