"""Earlier versions of designs, deleted designs, and what is thinned out of both in the background."""
