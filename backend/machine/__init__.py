"""What the server's machine has and how fast it trains; measured once in a process of its own and kept."""
