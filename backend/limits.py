"""The limits of a server, each with a default and an option of `model-studio serve`, which error messages name."""

import argparse
from typing import Annotated, Any, get_type_hints

from msgspec import Meta, Struct

MEGABYTE = 1_000_000


def _limit(help_text: str, metavar: str = "N") -> Meta:
    return Meta(description=help_text, extra={"metavar": metavar})


class Limits(Struct, frozen=True):
    """The limits; fields that end in `_mb` are megabytes."""

    max_designs: Annotated[int, _limit("designs that are kept, including those in the bin")] = 5_000
    history_mb: Annotated[int, _limit("size of the earlier versions of one design; named versions are always kept", "MB")] = 64
    points_per_run: Annotated[int, _limit("maximum number of chart points of an old run; at least half as many are kept")] = 1_000
    keep_runs: Annotated[int, _limit("runs that are kept; above it the oldest without name, note or tags are deleted")] = 500
    free_disk_mb: Annotated[int, _limit("free space below which no run is started (at most a twentieth of the disk)", "MB")] = (
        1_000
    )
    max_queued: Annotated[int, _limit("runs that may wait in the queue")] = 20
    max_run_hours: Annotated[int, _limit("hours after which a run is stopped; it can be resumed", "HOURS")] = 24
    compiles: Annotated[int, _limit("compiles at the same time")] = 2
    waiting_compiles: Annotated[int, _limit("compiles that may wait in the queue")] = 50
    requests_per_second: Annotated[int, _limit("requests of one client to the API, on average; 0: no limit")] = 0
    connections: Annotated[int, _limit("open connections, including WebSockets")] = 2_000
    connections_per_address: Annotated[int, _limit("open connections of one address, including WebSockets")] = 256
    telemetry_per_device: Annotated[int, _limit("telemetry events of one device; above it the oldest are removed")] = 1_000
    telemetry_events: Annotated[int, _limit("telemetry events of all devices; above it the oldest are removed")] = 20_000
    responses_mb: Annotated[int, _limit("memory for responses that clients have not read yet", "MB")] = 64


SERVED = {"requests_per_second": 100}
"""defaults of the command line that differ from those of `Limits`, which tests use"""


def add_limit_options(parser: argparse.ArgumentParser) -> None:
    """Add an option for each limit: `--max-designs N` for `max_designs`."""
    group = parser.add_argument_group("limits")
    for name, hint in get_type_hints(Limits, include_extras=True).items():
        meta: Meta = hint.__metadata__[0]
        default = SERVED.get(name, getattr(Limits(), name))
        group.add_argument(
            option_of(name),
            type=_count,
            default=default,
            help=f"{meta.description} (default {default:,})",
            **(meta.extra or {}),
        )


def limits_of(options: argparse.Namespace) -> Limits:
    """The limits given by the parsed options."""
    values: dict[str, Any] = {name: getattr(options, name) for name in Limits.__struct_fields__}
    return Limits(**values)


def option_of(name: str) -> str:
    """The option that sets a limit."""
    return "--" + name.replace("_", "-")


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number")
    return int(text)
