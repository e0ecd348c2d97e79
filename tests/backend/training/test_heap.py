"""Large blocks are mapped one by one where memory is short: what was freed is given back at once; elsewhere it is kept."""

import subprocess
import sys

import pytest

CODE = """
import sys, torch
from pathlib import Path
from backend.training.heap import keep_compact_if_short
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
compact = keep_compact_if_short(int(sys.argv[1]), 1000)
torch.ones(1)
before = resident()
blocks = [torch.ones(1 << 18) for _ in range(64)]  # 1 MB each
held = resident() - before
last = blocks[-1].clone()  # in an ordinary heap what lies below it stays
del blocks
print(compact, held > 60e6, resident() - before < 5e6)
"""


TAKEN_ANEW = """
import ctypes, resource, sys
from backend.training.heap import keep_compact_if_short
heap, size = ctypes.CDLL(None), ctypes.c_size_t(24 << 20)
heap.malloc.restype = ctypes.c_void_p
def take():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    blocks = [ctypes.c_void_p(heap.malloc(size)) for _ in range(4)]
    for block in blocks:
        heap.memset(block, 1, size)
    for block in blocks:
        heap.free(block)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
keep_compact_if_short(int(sys.argv[1]), 1000)
print([take() for _ in range(4)][-1])
"""
PAGES = 4 * 24 * 256


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's mallopt")
@pytest.mark.parametrize(("training", "expected"), [("251", "True True True"), ("250", "False True")])
def test_blocks_are_mapped_where_memory_is_short(training: str, expected: str) -> None:
    done = subprocess.run([sys.executable, "-c", CODE, training], capture_output=True, text=True, check=True)
    assert done.stdout.strip().startswith(expected)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's mallopt")
@pytest.mark.parametrize(("training", "is_kept"), [("251", False), ("250", True)])
def test_freed_memory_is_kept_where_there_is_enough(training: str, is_kept: bool) -> None:
    done = subprocess.run([sys.executable, "-c", TAKEN_ANEW, training], capture_output=True, text=True, check=True)
    assert (int(done.stdout) < PAGES / 10) == is_kept
