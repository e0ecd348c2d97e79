"""Runs: a manager that starts, stops and finds them again, the processes they live in, and the trainers inside."""
