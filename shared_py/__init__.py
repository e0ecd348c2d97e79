"""Definition of a valid network, shared by the browser and the server."""
