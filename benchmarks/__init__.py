"""Speed and size, measured as ratios to a peer or a limit, interleaved in one run; `make bench` runs all."""
