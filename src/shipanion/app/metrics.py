"""The node's counts, in the form that Prometheus reads."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from shipanion.server.node import Node

__all__ = ["NodeCollector", "registry_of"]


class NodeCollector(Collector):
    """Reads the node's counters when asked; nothing is counted twice."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def collect(self) -> Iterator[Metric]:
        """All families, each with its help text."""
        node, counts = self._node, self._node.metrics
        yield GaugeMetricFamily("shipanion_connections", "Open WebSocket connections.", len(node.connections))
        yield GaugeMetricFamily("shipanion_sessions_live", "Sessions loaded in this process.", len(node.sessions))
        yield CounterMetricFamily(
            "shipanion_connections_accepted", "WebSocket connections accepted.", counts.connections
        )
        entered = CounterMetricFamily("shipanion_resumes", "How sessions were entered.", labels=("outcome", "reason"))
        entered.add_metric(("created", ""), counts.created)
        entered.add_metric(("recovered", ""), counts.recovered)
        for reason, count in sorted(counts.snapshots.items()):
            entered.add_metric(("snapshot", reason), count)
        yield entered
        yield CounterMetricFamily(
            "shipanion_resumes_with_events", "Resumes that replayed at least one event.", counts.recovered_with_events
        )
        yield CounterMetricFamily("shipanion_events_replayed", "Events sent to resuming clients.", counts.replayed)
        yield CounterMetricFamily(
            "shipanion_positions_ahead", "Clients that claimed more than the log holds.", counts.positions_ahead
        )
        cut = CounterMetricFamily("shipanion_connections_cut", "Connections cut by the server.", labels=("why",))
        cut.add_metric(("stuck",), counts.cut_stuck)
        cut.add_metric(("silent",), counts.cut_silent)
        yield cut
        yield CounterMetricFamily(
            "shipanion_swept", "Turns and calls of dead processes settled at start.", counts.swept
        )


def registry_of(node: Node) -> CollectorRegistry:
    """A registry of its own for one node, so that two in one process do not mix."""
    registry = CollectorRegistry()
    registry.register(NodeCollector(node))
    return registry
