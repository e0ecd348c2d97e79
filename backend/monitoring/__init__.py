"""Log and metrics of a running server."""
