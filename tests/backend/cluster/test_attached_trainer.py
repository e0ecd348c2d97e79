"""The trainer of a node: what it says differs from the server's only where the machine is named."""

import pytest

from backend.cluster import attached_trainer
from backend.errors import ProcessFailed
from backend.runs.failures import DISK_FULL, NODE_DISK_FULL, failure_of


@pytest.mark.parametrize(("sentence", "expected"), [(DISK_FULL, NODE_DISK_FULL), ("KeyError: 'c4'", "KeyError: 'c4'")])
def test_a_full_disk_is_that_of_the_node(monkeypatch: pytest.MonkeyPatch, sentence: str, expected: str) -> None:
    def fail(path: str, trainer: bytes | None, limit: int | None) -> None:
        assert (path, trainer, limit) == ("folder", None, None)
        raise ProcessFailed(sentence)

    monkeypatch.setattr(attached_trainer, "find_function", {attached_trainer.TRAIN: fail}.__getitem__)
    with pytest.raises(ProcessFailed) as raised:
        attached_trainer.train("folder", None, None)
    assert str(raised.value) == expected
    assert failure_of("failed", expected) == ("disk_full" if sentence == DISK_FULL else "error")
