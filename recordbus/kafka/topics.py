"""Compares the topics there should be with the topics there are.

Pure. A difference that Kafka cannot mend in place (fewer partitions, another replication
factor) is reported as a problem and never acted on: data would be lost or reordered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

ChangeKind = Literal["create", "set", "problem"]


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic: its partitions, replication factor and the settings that are not defaults."""

    name: str
    partitions: int = 1
    replication: int = 1
    config: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TopicChange:
    """One difference: `setting` of `topic` is `current` and should be `wanted`."""

    kind: ChangeKind
    topic: str
    setting: str
    current: str | None
    wanted: str

    def __str__(self) -> str:
        if self.kind == "create":
            return f"{self.topic}: create with {self.wanted}"
        return f"{self.topic}: {self.setting} is {self.current}, should be {self.wanted}"


def diff(wanted: Iterable[Topic], present: Mapping[str, Topic]) -> list[TopicChange]:
    """List what differs, in the order of `wanted`; topics that nobody wants are left alone.

    `present` carries the full settings of each topic, defaults included.
    """
    changes: list[TopicChange] = []
    for topic in wanted:
        found = present.get(topic.name)
        if found is None:
            size = f"{topic.partitions} partitions, {topic.replication} replicas"
            changes.append(TopicChange("create", topic.name, "topic", None, size))
        else:
            changes.extend(_differences(topic, found))
    return changes


def _differences(wanted: Topic, found: Topic) -> Iterable[TopicChange]:
    for setting in ("partitions", "replication"):
        have, want = getattr(found, setting), getattr(wanted, setting)
        if have != want:
            yield TopicChange("problem", wanted.name, setting, str(have), str(want))
    for key, value in sorted(wanted.config.items()):
        current = found.config.get(key)
        if current != value:
            yield TopicChange("set", wanted.name, key, current, value)
