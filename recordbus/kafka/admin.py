"""Administration of the cluster: topics, deleting behind a reader, group offsets and lag.

Workers never call the part that changes topics; `recordbus topics apply` does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from typing import Any, Final, TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka import TopicPartition as ClientPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    OffsetSpec,
    ResourceType,
)

from recordbus.errors import Misconfigured, Retryable
from recordbus.kafka.connection import Connection
from recordbus.kafka.failures import explain
from recordbus.kafka.message import TopicPartition
from recordbus.kafka.topics import Topic, TopicChange, diff

_T = TypeVar("_T")

_LOOK_SECONDS: Final = 2.0
_LOOK_AGAIN_SECONDS: Final = 0.05
_EARLIEST: Final = OffsetSpec.earliest()  # type: ignore[no-untyped-call]
_LATEST: Final = OffsetSpec.latest()  # type: ignore[no-untyped-call]


class Admin:
    """One administrative connection; every call raises Retryable when no broker answers."""

    def __init__(self, connection: Connection, *, timeout_seconds: float = 15.0) -> None:
        self._connection = connection
        self._timeout_seconds = timeout_seconds
        self._client = AdminClient(connection.client_config() | {"reconnect.backoff.max.ms": 200})

    def list_topics(self) -> dict[str, int]:
        """Give every topic's number of partitions; Kafka's own topics are left out."""
        found = self._metadata().topics
        return {
            name: len(topic.partitions)
            for name, topic in sorted(found.items())
            if not name.startswith("__")
        }

    def leaders_known(self) -> bool:
        """Tell whether every partition of every topic has a leader, so that all can be used."""
        topics = self._metadata().topics.values()
        return all(each.leader >= 0 for topic in topics for each in topic.partitions.values())

    def diff_topics(self, wanted: Iterable[Topic]) -> list[TopicChange]:
        """List what `apply_topics` would change, and what it could not."""
        wanted = list(wanted)
        return diff(wanted, self._present(topic.name for topic in wanted))

    def apply_topics(self, wanted: Iterable[Topic]) -> list[TopicChange]:
        """Create missing topics and set differing settings; gives what was changed.

        Idempotent; when it returns, new topics can be written to and changed settings are told to
        whoever asks. Raises Misconfigured, before changing anything, when a difference cannot be
        mended in place.
        """
        wanted = list(wanted)
        changes = self.diff_topics(wanted)
        problems = [change for change in changes if change.kind == "problem"]
        if problems:
            raise Misconfigured(
                "topics differ in ways that cannot be changed in place: "
                + "; ".join(str(problem) for problem in problems),
                hint="raise the epoch and rebuild into new topics, or correct the catalogue",
            )
        missing = {change.topic for change in changes if change.kind == "create"}
        self._create([topic for topic in wanted if topic.name in missing])
        self._set([change for change in changes if change.kind == "set"])
        return changes

    def delete_topics(self, names: Iterable[str]) -> None:
        """Delete topics; one that is not there is no error."""
        names = list(names)
        if not names:
            return
        for name, future in self._client.delete_topics(names).items():
            self._wait(future, f"deleting topic {name}", ignore=_GONE)

    def delete_records(self, before: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        """Delete what lies before each offset; gives the first offset still there."""
        asked = [ClientPartition(*key, offset) for key, offset in before.items()]
        if not asked:
            return {}
        futures = self._client.delete_records(asked, request_timeout=self._timeout_seconds)
        return {
            (where.topic, where.partition): self._wait(
                future, f"deleting records of {where.topic}"
            ).low_watermark
            for where, future in futures.items()
        }

    def group_offsets(
        self, group: str, topics: Iterable[str] | None = None
    ) -> dict[TopicPartition, int]:
        """Give what the group has committed on `topics`, or on all; others are left out.

        Asked as a member would, without joining: librdkafka's administrative call for it reads
        through a null pointer when the coordinator is moving (seen with 2.16.0).
        """
        known = self.list_topics()
        names = known if topics is None else [name for name in topics if name in known]
        asked = [ClientPartition(name, each) for name in names for each in range(known[name])]
        if not asked:
            return {}
        found = self._committed(group, asked)
        return {(each.topic, each.partition): each.offset for each in found if each.offset >= 0}

    def members(self, group: str) -> int:
        """Count the members of a group; one that was killed counts until its session is over."""
        found = self._client.describe_consumer_groups(
            [group], request_timeout=self._timeout_seconds
        )
        known = self._wait(found[group], f"asking for members of {group}", ignore=_NO_GROUP)
        return 0 if known is None else len(known.members)

    def replicas(self, topic: str) -> int:
        """Give how many copies there are of each partition of a topic; 0 when it is not there."""
        present = self._present([topic]).get(topic)
        return 0 if present is None else present.replication

    def ends(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Give the offset after the last message of each partition."""
        return self._offsets(partitions, _LATEST, self._timeout_seconds)

    def starts(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Give the first offset still there of each partition."""
        return self._offsets(partitions, _EARLIEST, self._timeout_seconds)

    def lag(self, group: str, topics: Iterable[str] | None = None) -> dict[TopicPartition, int]:
        """Give how many offsets each partition's end is ahead of what the group committed."""
        committed = self.group_offsets(group, topics)
        ends = self.ends(committed)
        return {key: max(0, ends[key] - offset) for key, offset in committed.items()}

    def _committed(self, group: str, asked: list[ClientPartition]) -> list[ClientPartition]:
        member = Consumer(self._connection.client_config() | {"group.id": group})
        try:
            return list(member.committed(asked, timeout=self._timeout_seconds))
        except KafkaException as error:
            raise explain(error.args[0], f"reading offsets of group {group}") from error
        finally:
            member.close()

    def _metadata(self) -> Any:
        try:
            return self._client.list_topics(timeout=self._timeout_seconds)
        except KafkaException as error:
            raise explain(error.args[0], "listing topics") from error

    def _present(self, names: Iterable[str]) -> dict[str, Topic]:
        metadata = self._metadata().topics
        known = {name: metadata[name] for name in names if name in metadata}
        configs = self._configs(known)
        return {
            name: Topic(
                name,
                len(found.partitions),
                min((len(each.replicas) for each in found.partitions.values()), default=0),
                configs[name],
            )
            for name, found in known.items()
        }

    def _configs(self, names: Iterable[str]) -> dict[str, dict[str, str]]:
        resources = [ConfigResource(ResourceType.TOPIC, name) for name in names]
        if not resources:
            return {}
        futures = self._client.describe_configs(resources, request_timeout=self._timeout_seconds)
        return {
            resource.name: {
                key: str(entry.value)
                for key, entry in self._wait(future, f"reading {resource.name}").items()
            }
            for resource, future in futures.items()
        }

    def _create(self, topics: list[Topic]) -> None:
        if not topics:
            return
        wanted = [
            NewTopic(each.name, each.partitions, each.replication, config=dict(each.config))
            for each in topics
        ]
        futures = self._client.create_topics(wanted, request_timeout=self._timeout_seconds)
        for name, future in futures.items():
            self._wait(future, f"creating topic {name}", ignore=_EXISTS)
        self._wait_for_leaders([(each.name, p) for each in topics for p in range(each.partitions)])

    def _wait_for_leaders(self, partitions: list[TopicPartition]) -> None:
        """Wait until the leader of each partition serves it, and not only is named."""
        self._wait_until(lambda: self._are_served(partitions), f"waiting for {partitions[0][0]}")

    def _wait_until(self, condition: Callable[[], bool], doing: str) -> None:
        deadline = time.monotonic() + self._timeout_seconds
        while not condition():
            if time.monotonic() > deadline:
                raise self._connection.unreachable(doing)
            time.sleep(_LOOK_AGAIN_SECONDS)

    def _are_served(self, partitions: list[TopicPartition]) -> bool:
        topics = self._metadata().topics  # asked first: the client would go on from what it knows
        for name, _ in partitions:
            found = topics.get(name)
            if found is None or any(each.leader < 0 for each in found.partitions.values()):
                return False
        try:
            self._offsets(partitions, _EARLIEST, _LOOK_SECONDS)
        except (Misconfigured, Retryable):  # unknown to its leader, or not led by it yet
            return False
        return True

    def _set(self, changes: list[TopicChange]) -> None:
        resources: dict[str, ConfigResource] = {}
        for change in changes:
            resource = resources.setdefault(
                change.topic, ConfigResource(ResourceType.TOPIC, change.topic)
            )
            resource.add_incremental_config(
                ConfigEntry(
                    change.setting, change.wanted, incremental_operation=AlterConfigOpType.SET
                )
            )
        if not resources:
            return
        futures = self._client.incremental_alter_configs(
            list(resources.values()), request_timeout=self._timeout_seconds
        )
        for resource, future in futures.items():
            self._wait(future, f"changing settings of {resource.name}")
        self._wait_until(lambda: self._are_in_force(changes), f"waiting for {changes[0].topic}")

    def _are_in_force(self, changes: list[TopicChange]) -> bool:
        """Tell whether the broker has left the old settings: the controller answers before it.

        What it tells instead may be written otherwise than what was asked for.
        """
        configs = self._configs({change.topic for change in changes})
        return all(configs[each.topic].get(each.setting) != each.current for each in changes)

    def _offsets(
        self, partitions: Iterable[TopicPartition], spec: OffsetSpec, timeout_seconds: float
    ) -> dict[TopicPartition, int]:
        asked = {ClientPartition(*key): spec for key in partitions}
        if not asked:
            return {}
        futures = self._client.list_offsets(asked, request_timeout=timeout_seconds)
        return {
            (where.topic, where.partition): int(
                self._wait(future, f"asking for offsets of {where.topic}").offset
            )
            for where, future in futures.items()
        }

    def _wait(self, future: Future[_T], doing: str, ignore: int | None = None) -> Any:
        try:
            return future.result(self._timeout_seconds + 5)
        except KafkaException as error:
            cause: KafkaError = error.args[0]
            if cause.code() == ignore:
                return None
            raise explain(cause, doing) from error
        except TimeoutError as error:
            raise self._connection.unreachable(doing) from error


_NO_GROUP = KafkaError.GROUP_ID_NOT_FOUND
_EXISTS = KafkaError.TOPIC_ALREADY_EXISTS
_GONE = KafkaError.UNKNOWN_TOPIC_OR_PART
