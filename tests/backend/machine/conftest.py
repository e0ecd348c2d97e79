"""One thread, as wherever tests train."""

import torch

torch.set_num_threads(1)
