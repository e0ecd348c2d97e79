"""The hardware of the server and how fast it trains, which is measured once in a process of its own and kept."""
