"""Which devices may use the server: pairing by a code, a cookie for each device, and a log of what they change."""
