"""Training runs: folder, process, checkpoints, heartbeat and queue."""
