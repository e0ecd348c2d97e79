"""The life of a run: its folder, process, checkpoints, heartbeat and queue."""
