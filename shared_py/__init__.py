"""What a network is: the same files say it in the browser and on the server."""
