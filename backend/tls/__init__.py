"""HTTPS for phones in the local network: the server's own certificate authority, its certificate and the set-up page."""
