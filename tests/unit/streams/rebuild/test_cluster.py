"""What a rebuild does to topics: three are made anew, and one is emptied where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from recordbus import crashpoints
from recordbus.departments import Departments
from recordbus.errors import Misconfigured
from recordbus.kafka.topics import Topic
from recordbus.settings import StageSettings
from streams.intake.topics import MEETINGS, VERDICTS
from streams.rebuild.cluster import MADE_ANEW, KafkaCluster
from streams.runtime.tenure import changelog_topic
from tests.simulator.world import Crashed

POLICY = "cleanup.policy"


class Broker:
    """A cluster's topics; it hears of a changed policy only when it is asked again."""

    def __init__(self) -> None:
        names = (*MADE_ANEW, VERDICTS, "records.v1")
        self.topics = {name: Topic(name, 2, 3, {POLICY: "compact"}) for name in names}
        self.heard = {POLICY: "compact"}
        self.first = {VERDICTS: 0}
        self.end = 40

    def replicas(self, topic: str) -> int:
        return self.topics[topic].replication

    def list_topics(self) -> dict[str, int]:
        return {name: topic.partitions for name, topic in self.topics.items()}

    def delete_topics(self, names: Iterable[str]) -> None:
        for name in names:
            self.topics.pop(name, None)

    def apply_topics(self, wanted: Iterable[Topic]) -> None:
        self.topics |= {topic.name: topic for topic in wanted}

    def ends(self, partitions: Iterable[Any]) -> dict[Any, int]:
        return dict.fromkeys(partitions, self.end)

    def delete_records(self, before: Mapping[Any, int]) -> None:
        heard, self.heard = self.heard, dict(self.topics[VERDICTS].config)
        if "delete" not in heard[POLICY]:
            raise Misconfigured("the policy does not allow it")
        self.first[VERDICTS] = before[VERDICTS, 0]


def cluster(broker: Any) -> KafkaCluster:
    return KafkaCluster(broker, StageSettings(meeting_partitions=5), Departments([]))


def check(broker: Broker) -> None:
    made = {name: broker.topics[name].partitions for name in MADE_ANEW}
    assert made == {MEETINGS: 5, changelog_topic("meet"): 5, changelog_topic("identify"): 1}
    assert {topic.replication for topic in broker.topics.values()} == {3}
    assert broker.topics[VERDICTS].config[POLICY] == "compact"
    assert broker.first[VERDICTS] == broker.end, "offsets go on, and nothing lies below"


def test_tables_are_emptied_and_keep_their_replicas() -> None:
    broker = Broker()
    cluster(broker).empty_tables()
    check(broker)


def test_a_call_that_was_killed_is_made_again() -> None:
    broker = Broker()

    def die(_name: str) -> None:
        raise Crashed

    crashpoints.arm(die)
    with pytest.raises(Crashed):
        cluster(broker).empty_tables()
    crashpoints.arm(None)
    assert not set(MADE_ANEW) & broker.topics.keys()
    cluster(broker).empty_tables()
    check(broker)
