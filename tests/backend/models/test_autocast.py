"""Products are made in the number format that is faster here."""

from pathlib import Path

import pytest
import torch

from backend.models import autocast as precision


def test_bfloat16_is_found_in_the_processor_description(tmp_path: Path) -> None:
    description = tmp_path / "cpuinfo"
    description.write_text("processor: 0\nflags\t\t: fpu avx2 avx512_bf16\n")
    assert precision.cpu_has_bfloat16(description)
    description.write_text("processor: 0\nflags\t\t: fpu avx2\n")
    assert not precision.cpu_has_bfloat16(description)
    assert not precision.cpu_has_bfloat16(tmp_path / "missing")


@pytest.mark.parametrize(("has_it", "gain", "pays_off"), [(True, 2.2, True), (True, 0.6, False), (False, 2.2, False)])
def test_bfloat16_is_taken_where_it_is_faster(has_it: bool, gain: float, pays_off: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "cpu_has_bfloat16", lambda: has_it)
    monkeypatch.setattr(precision, "bfloat16_gain", lambda: gain)
    monkeypatch.setattr(precision, "bfloat16_pays_off", precision.bfloat16_pays_off.__wrapped__)
    with precision.autocast(torch.device("cpu")):
        product = torch.ones(2, 2) @ torch.ones(2, 2)
    assert product.dtype == (torch.bfloat16 if pays_off else torch.float32)


def test_what_bfloat16_gains_is_tried_out_without_a_trace() -> None:
    before = torch.get_rng_state()
    assert 0 < precision.bfloat16_gain() < 100
    assert torch.equal(torch.get_rng_state(), before)
