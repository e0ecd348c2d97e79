"""HTTPS without a public certificate authority: one of its own, the certificate of this machine, and the set-up page."""
