"""What an operator's Prometheus reads: counts and ages, no code, name, chat or answer in any label."""

from collections.abc import Iterator
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from bot.watch.report import Report

_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1800, 7200)
_QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30)
CODES = (
    "poll", "unauthorized", "conflict", "tick", "delivery",
    "database", "disk", "backup", "alert", "inbox", "paused",
)  # fmt: skip


class Reporting(Protocol):
    """Whoever knows how things stand."""

    def report(self) -> Report | None:
        """Return the last report; None before the first look."""
        ...


class Metrics:
    """Counters and histograms that are fed while the program works, and gauges of the last look."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.updates = Counter(
            "suifang_updates_handled", "Updates of Telegram that were handled", registry=self.registry
        )
        self.settled = Counter(
            "suifang_messages_settled",
            "Attempts at messages, by what became of them",
            ("channel", "priority", "outcome"),
            registry=self.registry,
        )
        self.waited = Histogram(
            "suifang_message_seconds",
            "Seconds from when a message was due until it was sent",
            ("priority",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.ticks = Histogram(
            "suifang_tick_seconds", "Seconds that a tick took", buckets=_QUICK, registry=self.registry
        )
        self.alarms = Counter(
            "suifang_alarms", "Troubles that were told, by code", ("code",), registry=self.registry
        )
        self.clock_jumps = Counter(
            "suifang_clock_jumps", "How often the machine's clock jumped", registry=self.registry
        )

    def show(self, reporting: Reporting) -> None:
        """Add the gauges of what `reporting` sees."""
        self.registry.register(_Gauges(reporting))

    def page(self) -> tuple[bytes, str]:
        """Return the page and its content type."""
        return generate_latest(self.registry), CONTENT_TYPE_LATEST


class _Gauges(Collector):
    """The last look of the watcher, as gauges."""

    def __init__(self, reporting: Reporting) -> None:
        self._reporting = reporting

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges; before the first look only that nothing is ready."""
        report = self._reporting.report()
        yield _gauge("suifang_ready", "1 while all is well", float(report is not None and report.well))
        if report is None:
            return
        yield from self._states(report)
        yield from self._ages(report)

    def _states(self, report: Report) -> Iterator[Metric]:
        found = {trouble.code for trouble in report.troubles}
        trouble = GaugeMetricFamily("suifang_trouble", "1 for what is wrong", labels=("code",))
        for code in CODES:
            trouble.add_metric((code,), float(code in found))
        yield trouble
        if report.stored is None:
            return
        waiting = GaugeMetricFamily("suifang_outbox_messages", "Messages by state", labels=("state",))
        for state, count in sorted(report.stored.outbox.items()):
            waiting.add_metric((state,), count)
        yield waiting
        yield _gauge("suifang_inbox_new", "Updates that wait", report.stored.inbox.new)
        yield _gauge("suifang_inbox_set_aside", "Updates set aside", report.stored.inbox.quarantined)
        yield _gauge("suifang_alerts_open", "Alerts that are not closed", report.stored.alerts_open)
        yield _gauge("suifang_audit_rows", "Rows of the audit trail", report.stored.audit_head[0])

    def _ages(self, report: Report) -> Iterator[Metric]:
        seen = report.seen
        ages = {
            "poll": seen.poll_at,
            "tick": seen.tick_at,
            "delivery": seen.delivery_at,
            "backup": seen.backup_at,
            "oldest_update": seen.inbox_since,
        }
        family = GaugeMetricFamily("suifang_age_seconds", "Seconds since it happened last", labels=("what",))
        for what, at in ages.items():
            if at is not None:
                family.add_metric((what,), max(0.0, (seen.now - at).total_seconds()))
        yield family
        if seen.free_bytes is not None:
            yield _gauge("suifang_disk_free_bytes", "Bytes free where the database is", seen.free_bytes)


def _gauge(name: str, says: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, says, value=value)
