"""Speed and size, compared with other programs or a limit in one interleaved run; `make bench` runs all."""
