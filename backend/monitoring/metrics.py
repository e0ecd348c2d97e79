"""`GET /metrics`: metrics in Prometheus' text format, for requests from this machine only.

Requests are counted without a library; `prometheus_client` writes the text, and is imported with the first request for it.
"""

import ipaddress
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Iterable, Mapping
from itertools import accumulate
from typing import TYPE_CHECKING

from msgspec import Struct

from backend.web.middleware import Receive, Scope, Send, client_of_scope, send_plain_problem
from backend.web.observation import Observed

if TYPE_CHECKING:
    from prometheus_client import Metric

BUCKETS_S = (0.005, 0.025, 0.1, 0.25, 1.0, 5.0, 30.0)
"""upper bounds of the histogram of durations"""
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "WEBSOCKET"})
"""methods that are labels; others are counted together, so that clients cannot create series"""
_FORWARDED = {b"forwarded", b"x-forwarded-for", b"x-real-ip"}


class Gauge(Struct, frozen=True):
    """A measured value, or several by the values of a label: `{"running": 1.0}` with `label="status"`."""

    name: str
    help: str
    value: float | Mapping[str, float]
    label: str = ""
    is_counter: bool = False


ReadGauges = Callable[[], Awaitable[Iterable[Gauge]]]


class RequestCounts:
    """Counts requests by route, method and status, and their durations."""

    def __init__(self) -> None:
        self._requests: dict[tuple[str, str, str], int] = {}
        self._durations: dict[str, list[int]] = {}
        self._seconds: dict[str, float] = {}
        self._sent_bytes = 0

    def add(self, observed: Observed) -> None:
        """Count a request or a WebSocket that has ended; durations of WebSockets are not counted."""
        route = observed.route or "other"
        method = observed.method if observed.method in METHODS else "other"
        key = (method, route, str(observed.status))
        self._requests[key] = self._requests.get(key, 0) + 1
        self._sent_bytes += observed.sent_bytes
        if observed.method == "WEBSOCKET":
            return
        counts = self._durations.setdefault(route, [0] * (len(BUCKETS_S) + 1))
        counts[bisect_left(BUCKETS_S, observed.seconds)] += 1
        self._seconds[route] = self._seconds.get(route, 0.0) + observed.seconds

    def collect(self) -> "Iterable[Metric]":
        """The counts as metric families of Prometheus."""
        from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

        requests = CounterMetricFamily("model_studio_requests", "Requests and sockets.", labels=("method", "route", "status"))
        for labels, count in sorted(self._requests.items()):
            requests.add_metric(labels, count)
        yield requests
        sent = CounterMetricFamily("model_studio_sent_bytes", "Bytes of bodies.")
        sent.add_metric((), self._sent_bytes)
        yield sent
        durations = HistogramMetricFamily("model_studio_request_seconds", "Durations of requests.", labels=("route",))
        bounds = [str(bound) for bound in BUCKETS_S] + ["+Inf"]
        for route, counts in sorted(self._durations.items()):
            buckets = list(zip(bounds, map(float, accumulate(counts)), strict=True))
            durations.add_metric((route,), buckets, self._seconds[route])
        yield durations


class MetricsPage:
    """An ASGI app that serves the metrics to this machine and refuses other clients."""

    def __init__(self, counts: RequestCounts, read_gauges: ReadGauges) -> None:
        self._counts, self._read_gauges = counts, read_gauges

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if not is_local(scope):
            await send_plain_problem(send, 403, "Only this machine may read the metrics, and not through a proxy")
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 4404})
            return
        if scope["method"] not in ("GET", "HEAD"):
            await send_plain_problem(send, 405, "The metrics can only be read")
            return
        from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

        registry = CollectorRegistry()
        registry.register(_Collector([*self._counts.collect(), *map(_family, await self._read_gauges())]))
        body = generate_latest(registry)
        headers = [(b"content-type", CONTENT_TYPE_LATEST.encode()), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": [*headers, (b"cache-control", b"no-store")]})
        await send({"type": "http.response.body", "body": body if scope["method"] == "GET" else b""})


class _Collector:
    def __init__(self, families: "list[Metric]") -> None:
        self._families = families

    def collect(self) -> "Iterable[Metric]":
        return self._families


def _family(gauge: Gauge) -> "Metric":
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    kind = CounterMetricFamily if gauge.is_counter else GaugeMetricFamily
    family = kind(f"model_studio_{gauge.name}", gauge.help, labels=(gauge.label,) if gauge.label else ())
    values = gauge.value if isinstance(gauge.value, Mapping) else {"": gauge.value}
    for name, value in values.items():
        family.add_metric((name,) if gauge.label else (), value)
    return family


def is_local(scope: Scope) -> bool:
    """Whether a request comes from this machine, and not through a proxy on it."""
    try:
        address = ipaddress.ip_address(client_of_scope(scope))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback and not any(name.lower() in _FORWARDED for name, _ in scope["headers"])
