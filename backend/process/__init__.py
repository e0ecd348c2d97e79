"""Child processes, threads, hardware, durable files."""
