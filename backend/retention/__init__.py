"""Removes old runs and points of their charts, so that the disk does not fill up."""
