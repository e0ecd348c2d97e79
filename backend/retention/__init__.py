"""Removes old runs, points of their charts and old telemetry, so that the disk does not fill up."""
