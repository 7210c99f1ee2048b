"""What Prometheus reads at `/metrics`.

Every label has a closed set of values: connectors that are served, capabilities that somebody has, the contract's error
codes. What a caller makes up is counted as `-`, so that nobody can make the metrics grow.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from ferrule.server.visit import Visit

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
OTHER = "-"
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)


class Metrics:
    """The counts of one application, in a registry of their own: two applications in a process do not mix."""

    def __init__(self, connectors: int) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        calls = ("connector", "capability")
        self._calls = Counter(
            "ferrule_calls_total", "Calls, by what came of them: `ok` or an error code.", (*calls, "outcome"), registry=self._registry
        )
        self._seconds = Histogram("ferrule_call_seconds", "How long calls took.", calls, buckets=_BUCKETS, registry=self._registry)
        self.under_way = Gauge("ferrule_calls_in_flight", "Calls under way.", registry=self._registry)
        self._answers = Counter(
            "ferrule_http_responses_total", "Answers to requests of every sort, by HTTP status.", ("status",), registry=self._registry
        )
        Gauge("ferrule_connectors", "Connectors that are served.", registry=self._registry).set(connectors)

    def note(self, visit: Visit, *, is_call: bool) -> None:
        """Count a request that was answered."""
        self._answers.labels(str(visit.status or "none")).inc()
        if is_call:
            names = (visit.connector or OTHER, visit.capability or OTHER)
            self._calls.labels(*names, visit.error_code or ("ok" if visit.status == 200 else "left")).inc()
            self._seconds.labels(*names).observe(visit.seconds)

    def text(self) -> bytes:
        """The page that Prometheus reads."""
        return generate_latest(self._registry)
