"""One thread: on a busy machine several OpenMP threads wait for each other a hundred times longer than they work."""

import torch

torch.set_num_threads(1)
