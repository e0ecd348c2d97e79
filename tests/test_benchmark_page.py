"""The page of the benchmarks: new sections replace old ones, and long tables are summarised."""

import re
from pathlib import Path

from benchmarks import canvas, learning, memory, play, play_screen, sockets, whole_runs
from benchmarks.__main__ import HEADS, LOAD, NAMES, PERFORMANCE, PHONE, SCORES, target_of
from benchmarks.page import WORST, page, section, worst
from benchmarks.peers import environment

ROOT = Path(__file__).parents[1]
DOCSTRING = """Time of a thing; limit 1 s.

Details that the page leaves out.
"""
HEAD = "# A page\n"
ROWS = [{"thing": "a", "error": "+3%"}, {"thing": "b", "error": "-12%"}, {"thing": "c", "error": "+5%"}]


def test_a_section_has_the_first_paragraph_the_machine_and_one_table_for_each_set_of_columns() -> None:
    text = section(DOCSTRING, "2026-11-29, a machine", [*ROWS[:2], {"designs": 2}])
    assert text.splitlines() == [
        "Time of a thing; limit 1 s. *2026-11-29, a machine*",
        "",
        "| thing | error |",
        "|---|---|",
        "| a | +3% |",
        "| b | -12% |",
        "",
        "| designs |",
        "|---|",
        "| 2 |",
    ]


def test_sections_that_were_not_measured_are_kept_and_the_others_replaced() -> None:
    names = ("first", "second", "third")
    before = page(HEAD, {"third": "old third", "second": "old second\n\n| a |\n|---|"}, names, "")
    after = page(HEAD, {"first": "new first", "third": "new third"}, names, before)
    assert after == f"{HEAD}\n## first\nnew first\n\n## second\nold second\n\n| a |\n|---|\n\n## third\nnew third\n"
    assert page(HEAD, {}, names, after) == after


def test_every_page_has_a_head_and_the_sections_of_its_benchmarks() -> None:
    assert [target_of(name) for name in ("learning", "sockets", "play", "memory")] == [SCORES, LOAD, PHONE, PERFORMANCE]
    for path in HEADS:
        sections = re.findall(r"^## (\w+)$", (ROOT / path).read_text(), re.MULTILINE)
        assert sections == [name for name in NAMES if name in sections and target_of(name) == path]
    assert all((ROOT / path).read_text().startswith(head) for path, head in HEADS.items())


def test_the_rows_with_the_largest_errors_come_first() -> None:
    assert worst(ROWS, "error", count=2) == [ROWS[1], ROWS[2]]


def test_memory_and_whole_runs_are_summarised_by_their_errors_and_the_worst_designs() -> None:
    designs = [{"design": str(n), "torch_error": f"+{n / 10}%", "mapped_error": f"-{n}.0%"} for n in range(9)]
    total = {"peak": "torch", "designs": 9}
    assert memory.summary([*designs, total]) == [total, *reversed(designs[-WORST:])]
    runs = [{"design": str(n), "memory_error": "+0%", "time_error": f"-{n}%"} for n in range(9)]
    errors = {"of": "time", "designs": 9}
    assert whole_runs.summary([*runs, errors]) == [errors, *reversed(runs[-WORST:])]


def test_environments_are_one_row_each_also_where_one_number_of_games_was_not_measured() -> None:
    def row(games: int, name: str, speed: int, ratio: float) -> dict[str, object]:
        return {"games": games, "environment": name, "median_steps_per_s": speed, "core_is_times_as_fast": ratio}

    rows = environment.summary([row(64, "core", 100, 1.0), row(64, "peer", 50, 2.0), row(512, "core", 300, 1.0)])
    assert rows == [
        {"environment": "core", "steps_per_s_64": 100, "steps_per_s_512": 300, "core_ratio_64": 1.0, "core_ratio_512": 1.0},
        {"environment": "peer", "steps_per_s_64": 50, "steps_per_s_512": "", "core_ratio_64": 2.0, "core_ratio_512": ""},
    ]


def test_algorithms_share_one_table_of_scores() -> None:
    ppo = {"design": "d", "algorithm": "ppo", "sampled": 9, "sampled_least": 8, "sampled_2048": "1%", "greedy": 10}
    td = {"design": "d", "algorithm": "afterstate_td", "greedy": 11}
    assert learning.summary([td, ppo]) == [
        {"design": "d", "algorithm": "afterstate_td", "sampled": "", "greedy": 11},
        {"design": "d", "algorithm": "ppo", "sampled": 9, "greedy": 10},
    ]


def test_networks_that_play_are_one_row_each() -> None:
    rows: list[dict[str, object]] = [
        {"first move of": "n", "loaded_ms": 1, "moved_ms": 9, "best_ms": 8, "limit_ms": 800, "times_4_ms": 36, "load": 1.0},
        {"test games of": "n", "moves": 5, "moves_per_s": 7, "best": 8, "least": 1000, "load": 2.0},
        {"watching": "n", "moves_per_s": 3, "best": 4, "least": 100, "updates_per_s": 60, "network_ms": 1, "load": 3.0},
        {"boards of": "n", "compared": 1000, "largest_difference": "1e-6", "other_move": 1, "other_move_where_clear": 0},
    ]
    assert play.summary(rows) == [
        {"network": "n", "first_move_ms": 9, "best_ms": 8, "limit_ms": 800, "times_4_ms": 36}
        | {"test_moves_per_s": 7, "best": 8, "least": 1000, "load": 2.0, "watched_moves_per_s": 3, "least_watched": 100}
        | {"largest_difference": "1e-6", "other_moves": 0}
    ]


def test_the_watched_networks_are_one_row_each_with_the_exports_of_one() -> None:
    def row(watched: str, moves: int, p95: float) -> dict[str, object]:
        return {"watched": watched, "frames": 9, "moves_per_s": moves, "p50_ms": 1.0, "p95_ms": p95, "load": 2.0}

    rows = [row("ppo, board alone", 500, 9.0), row("ppo, experts", 400, 10.0), row("afterstate_td, board alone", 200, 8.0)]
    rows += [row("afterstate_td, experts", 210, 11.0), {"exports": 7, "dialog_ms": 100, "download_ms": 40, "both_ms": 140}]
    assert play_screen.summary(rows) == [
        {"watched": "ppo", "moves_per_s": 400, "board_alone_p95_ms": 9.0, "experts_p95_ms": 10.0, "p95_limit_ms": 12}
        | {"export_ms": 140, "export_limit_ms": 300},
        {"watched": "afterstate_td", "moves_per_s": 200, "board_alone_p95_ms": 8.0, "experts_p95_ms": 11.0, "p95_limit_ms": 12}
        | {"export_ms": "", "export_limit_ms": ""},
    ]


def test_gestures_on_the_canvas_are_one_row_for_each_number_of_blocks() -> None:
    def rows(blocks: int, limit: int) -> list[dict[str, object]]:
        times: list[dict[str, object]] = [
            {"blocks": blocks, "scenario": name, "main_ms": 5.0, "limit_ms": limit, "frames_per_s": 60}
            for name in ("pan", "whole heat")
        ]
        taps = {"blocks": blocks, "taps": 90, "tap_median_ms": 24, "tap_p95_ms": 40, "tap_limit_ms": 50, "event_p95_ms": 24}
        return [*times, taps]

    taps = {"tap_p95_ms": 40, "tap_limit_ms": 50, "event_p95_ms": 24}
    assert canvas.summary([*rows(100, 10), *rows(500, 14)]) == [
        {"blocks": 100, "pan_ms": 5.0, "whole_heat_ms": 5.0, "limit_ms": 10, **taps},
        {"blocks": 500, "pan_ms": 5.0, "whole_heat_ms": 5.0, "limit_ms": 14, **taps},
    ]


def test_sockets_are_one_row_for_each_scheme_with_the_largest_number_within_the_limits() -> None:
    def cost(scheme: str) -> dict[str, object]:
        return {"scheme": scheme, "request_ms": 1.0, "request_cpu_ms": 0.9, "handshake_cpu_ms": 2.0, "socket_kb": 50}

    def level(scheme: str, count: int, p95: int, *, within: bool) -> dict[str, object]:
        times = {"api_p95_ms": p95, "delivered_p95_ms": 9, "server_cpu": 0.3, "load": 3.0, "within": within}
        return {"scheme": scheme, "sockets": count, **times}

    rows = [cost("http"), cost("https"), level("http", 20, 5, within=True), level("http", 100, 400, within=False)]
    rows += [level("http", 100, 80, within=True)]
    rows += [level("http", 200, 300, within=False), level("https", 20, 260, within=False)]
    shared = {"request_ms": 1.0, "request_cpu_ms": 0.9, "handshake_cpu_ms": 2.0, "socket_kb": 50}
    assert sockets.summary(rows) == [
        {"scheme": "http", **shared, "sync_p95_ms": 5, "sync_limit_ms": 150, "sockets": 100, "least": 1000}
        | {"api_p95_ms": 80, "api_limit_ms": 250, "delivered_p95_ms": 9, "tries": 2}
        | {"server_cpu": 0.3, "load": 3.0},
        {"scheme": "https", **shared, "sync_p95_ms": 260, "sync_limit_ms": 150, "sockets": 0, "least": 300}
        | {"api_p95_ms": "", "api_limit_ms": 250, "delivered_p95_ms": "", "tries": 0}
        | {"server_cpu": "", "load": ""},
    ]
