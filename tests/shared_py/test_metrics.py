"""The table of metrics, and the wire type that is made from it."""

import msgspec
import pytest
from support.metric_messages import update

from shared_py.metrics import MixtureUsage, TrainingMetrics, update_metrics
from shared_py.protocol import LiveMessage, TrainingUpdate
from shared_py.reference.metrics_page import metrics_page

WRITTEN = (
    b'{"type":"training_update","seq":3,"run_id":"r1","episode":0,"steps":5,"steps_per_second":1.0,"score":5.0,"reward":null,'
    b'"loss":null,"policy_loss":null,"value_loss":null,"entropy":null,"approx_kl":null,"clip_fraction":null,'
    b'"explained_variance":null,"learning_rate":0.0,"avg_game_length":null,"max_tile_frequency":{},'
    b'"board_state":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"moe":null,"total_steps":0,"elapsed_s":0.0}'
)
"""as every version has written it; a metric that is added comes after `elapsed_s`"""


def test_a_line_of_the_chart_has_the_bytes_that_it_always_had() -> None:
    assert msgspec.json.encode(update(5, seq=3)).startswith(WRITTEN.removesuffix(b"}"))
    assert msgspec.json.decode(WRITTEN, type=LiveMessage) == update(5, seq=3)


def test_a_line_needs_a_number_a_run_and_its_moves() -> None:
    for name in ("seq", "run_id", "steps"):
        line = {key: value for key, value in msgspec.json.decode(WRITTEN).items() if key != name}
        with pytest.raises(msgspec.ValidationError, match=name):
            msgspec.convert(line, TrainingUpdate)


def test_every_number_of_an_update_is_a_metric_with_words() -> None:
    paths = {row.path for row in update_metrics()}
    structured = {"max_tile_frequency", "board_state", "moe", "choice"}
    assert {path[0] for path in paths if len(path) == 1} == set(TrainingMetrics.__struct_fields__) - structured
    assert {path[1] for path in paths if len(path) == 2} < set(MixtureUsage.__struct_fields__)
    for row in update_metrics():
        assert row.title
        assert row.meaning.endswith(".")
        assert row.title != row.term
    titles = [row.title for row in update_metrics()]
    assert len(set(titles)) == len(titles)


def test_the_page_has_a_row_for_every_metric() -> None:
    page = metrics_page()
    for row in update_metrics():
        assert f"| `{'.'.join(row.path)}` | {row.title}" in page
        assert row.meaning in page
