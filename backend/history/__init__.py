"""Earlier versions of designs, deleted designs, and what is removed of both in the background."""
