"""The heap of a run: large blocks are mapped one by one where memory is short; elsewhere freed memory is kept."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="glibc's mallopt")

MAPPED = """
import sys, torch
from backend.runs.malloc import Heap, held_bytes
Heap(1 << 40, compact=sys.argv[1] == "compact")
torch.ones(1)
before = held_bytes()
blocks = [torch.ones(1 << 18) for _ in range(64)]  # 1 MB each
held = held_bytes() - before
last = blocks[-1].clone()  # in an ordinary heap what lies below it stays
del blocks
print(held > 60e6, held_bytes() - before < 5e6)
"""

TAKEN_ANEW = """
import ctypes, resource, sys
from backend.runs.malloc import Heap
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
Heap(1 << 40, compact=sys.argv[1] == "compact")
print([take() for _ in range(4)][-1])
"""
PAGES = 4 * 24 * 256

TIDIED = """
import sys, torch
from backend.runs.malloc import Heap, held_bytes
torch.ones(1)
before = held_bytes()
heap = Heap(int(float(sys.argv[1])), compact=False)
blocks = [torch.ones(1 << 18) for _ in range(64)]
last = blocks[-1].clone()
del blocks
kept = held_bytes() - before
heap.tidy()
tidied = held_bytes() - before
blocks = [torch.ones(1 << 18) for _ in range(64)]
again = blocks[-1].clone()
del blocks
heap.tidy()  # too soon after the first
print(kept > 60e6, tidied < 10e6, held_bytes() - before > 60e6)
"""


def said_by(code: str, argument: str) -> str:
    return subprocess.run([sys.executable, "-c", code, argument], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize(("heap", "expected"), [("compact", "True True"), ("usual", "True False")])
def test_blocks_are_mapped_where_memory_is_short(heap: str, expected: str) -> None:
    assert said_by(MAPPED, heap) == expected


@pytest.mark.parametrize(("heap", "is_kept"), [("compact", False), ("usual", True)])
def test_freed_memory_is_kept_where_there_is_enough(heap: str, is_kept: bool) -> None:
    assert (int(said_by(TAKEN_ANEW, heap)) < PAGES / 10) == is_kept


@pytest.mark.parametrize(("told", "expected"), [("20e6", "True True True"), ("200e6", "True False True")])
def test_free_pages_are_given_back_once_more_is_held_than_was_told(told: str, expected: str) -> None:
    assert said_by(TIDIED, told) == expected
