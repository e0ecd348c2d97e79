"""Nothing acknowledged is lost by a kill or a power loss at any moment; `durability.py` tries many more moments."""

import random
from collections.abc import Iterable
from pathlib import Path

import pytest
from support.killed_writer import kill_while_writing, newest_version
from support.power_loss import (
    Image,
    Segment,
    check,
    checkpoint_images,
    cut_images,
    flipped_images,
    record,
    state_at,
    torn_images,
)


@pytest.fixture(scope="module")
def segments(tmp_path_factory: pytest.TempPathFactory) -> list[Segment]:
    """A recorded run with a checkpoint in it."""
    return record(tmp_path_factory.mktemp("recorded"), 130, seed=3)


def check_all(images: Iterable[Image], folder: Path, at_least: int) -> None:
    count = 0
    for image in images:
        check(image, folder)
        count += 1
    assert count >= at_least


def test_a_log_that_ends_anywhere_has_every_transaction_whose_last_frame_it_has(segments: list[Segment], tmp_path: Path) -> None:
    for segment in segments:
        check_all(cut_images(segment, random.Random(1), share=0.02), tmp_path / "cut", 5)


def test_a_log_is_read_up_to_the_first_wrong_byte(segments: list[Segment], tmp_path: Path) -> None:
    check_all(flipped_images(segments[-1], 30, random.Random(2)), tmp_path / "flipped", 30)


def test_a_transaction_of_which_some_sectors_are_missing_is_left_out(segments: list[Segment], tmp_path: Path) -> None:
    check_all(torn_images(segments[-1], random.Random(3)), tmp_path / "torn", 5)


def test_a_checkpoint_that_copied_only_some_sectors_is_repeated(segments: list[Segment], tmp_path: Path) -> None:
    check_all(checkpoint_images(segments[0], segments[1], 10, random.Random(4)), tmp_path / "checkpoint", 10)


def test_a_simulated_loss_is_noticed(segments: list[Segment], tmp_path: Path) -> None:
    """The check fails where a transaction is lost or one more is there than the files have."""
    segment = segments[-1]
    end = segment.ends[-2]
    for wrong in (segment.states[-1], segment.states[-3]):
        assert wrong != state_at(segment, end)
        with pytest.raises(AssertionError):
            check(Image("wrong", segment.database, segment.log[:end], [wrong]), tmp_path / "wrong")


def test_a_writer_that_is_killed_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    newest = 0
    for count in (1, 60, 150):
        acknowledged = kill_while_writing(tmp_path, newest + 1, count)
        newest = newest_version(tmp_path)
        assert acknowledged <= newest <= acknowledged + 1, "one more may be stored without having been acknowledged"
