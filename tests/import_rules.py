"""Who may import whom: each row may import the rows it names, all of which stand below it.

`test_walls.py` checks the Python rows, `biome.json` holds those of the phone; `make graph` prints what is imported today.
Which modules may import torch, and which libraries the server process never imports, is in `pyproject.toml` for import-linter.
"""

import tomllib
from pathlib import Path

_SERVER, _TORCH = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
HEAVY: set[str] = set(_SERVER["forbidden_modules"])
"""libraries that the server process never imports"""
MAY_IMPORT_HEAVY: list[str] = _TORCH["source_modules"]
"""modules and folders that may import them, and run in processes of their own"""

BACKEND: dict[str, set[str]] = {
    "cli": {"serve", "doctor", "backup", "checkpoint_games", "designs", "telemetry", "pairing", "tls", "store", "file_names"}
    | {"errors", "settings", "limits"},
    "doctor": {"cluster", "connections", "preflight", "store", "errors", "limits"},
    "serve": {"cluster", "app", "reachable_server", "connections", "monitoring", "tls", "web", "preflight", "settings"},
    "app": {
        "monitoring",
        "sweeps",
        "retention",
        "sync",
        "stream",
        "notifications",
        "leaderboard",
        "checkpoint_games",
        "export",
        "machine",
    }
    | {"compile", "runs", "history", "designs", "telemetry", "pairing", "tls", "web", "store", "process", "settings", "limits"},
    "monitoring": {"compile", "runs", "web", "store"},
    "sweeps": {"machine", "runs", "designs", "web", "store", "process", "ids", "errors"},
    "retention": {"runs", "store", "process", "errors"},
    "backup": {"runs", "store", "process", "ids", "errors"},
    "sync": {"compile", "runs", "designs", "web", "store", "process", "ids", "errors"},
    "stream": {"runs", "web", "store", "process"},
    "notifications": {"runs", "pairing", "tls", "web", "store", "process", "errors"},
    "leaderboard": {"export", "runs", "web", "store", "errors"},
    "checkpoint_games": {"export", "runs", "web", "training", "evaluation", "process", "turns", "ids", "errors"},
    "export": {"runs", "web", "training", "environment", "models", "store", "process", "file_names", "turns", "ids", "errors"},
    "cluster": {"runs", "process", "errors", "settings"},
    "machine": {"runs", "training", "environment", "models", "process"},
    "compile": {"designs", "web", "training", "environment", "models", "store", "process", "turns", "ids", "errors"},
    "runs": {"designs", "web", "training", "models", "store", "process", "ids", "errors"},
    "history": {"web", "store", "process", "ids", "errors"},
    "designs": {"web", "store", "process", "ids", "errors"},
    "reachable_server": {"connections", "pairing", "tls", "settings"},
    "connections": {"web", "errors"},
    "telemetry": {"pairing", "web", "store"},
    "pairing": {"tls", "web", "process", "ids", "errors"},
    "tls": {"web", "process", "errors"},
    "web": {"store", "process", "errors"},
    "preflight": {"store", "errors", "settings"},
    "training": {"evaluation", "environment", "models", "process", "errors"},
    "evaluation": {"environment", "models", "errors"},
    "environment": {"models"},
    "models": set(),
    "store": {"process", "file_names", "ids", "errors"},
    "process": {"errors"},
    "file_names": {"ids"},
    "turns": set(),
    "ids": {"errors"},
    "errors": set(),
    "settings": {"limits"},
    "limits": set(),
    "wheel": set(),
}
"""Folders and modules of `backend/`; every one may import `shared_py`."""

SHARED_PY: tuple[str, ...] = (
    "pyodide_api",
    "seeded_game",
    "search_tree",
    "sweep",
    "reference",
    "validation",
    "presets",
    "forecasting",
    "estimation",
    "inspection",
    "fixes",
    "placement",
    "codegen",
    "templates",
    "decoding",
    "catalogue",
    "merge",
    "merge_repair",
    "merge_rebuild",
    "merge_candidates",
    "merge_content",
    "merge_moves",
    "problem_cache",
    "analysis",
    "document_fields",
    "nesting",
    "connectivity",
    "merge_wires",
    "merge_conflicts",
    "difference",
    "cost",
    "resolution",
    "edge_rules",
    "suggestion",
    "edge_edits",
    "limits",
    "naming",
    "protocol",
    "metrics",
    "blocks",
    "upgrade",
    "training_config",
    "algorithms",
    "graph",
    "problems",
    "properties",
    "layout",
    "shapes",
    "messages",
    "message_catalogue",
    "design",
    "json_pointer",
    "halving",
    "game_2048",
)
"""Folders and modules of `shared_py/`; each may import any that stands below it."""
