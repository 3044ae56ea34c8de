"""What a rebuild asks of a real cluster: who runs, how many partitions, and empty tables.

`verdicts.v1` is emptied where it stands, because the index reads it too: offsets go on, so no
position in it comes to mean another message. Nobody but one stage reads the other tables, and the
number of meeting partitions may change: they are made anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from recordbus.crashpoints import crashpoint
from recordbus.departments import Departments
from recordbus.errors import Misconfigured, Retryable
from recordbus.kafka.admin import Admin
from recordbus.kafka.catalogue import partitions_by_group, wanted_topics
from recordbus.kafka.topics import Topic
from recordbus.settings import StageSettings
from streams.intake.topics import MEETINGS, RECORDS, VERDICTS
from streams.runtime.tenure import changelog_topic

MADE_ANEW: Final = (MEETINGS, changelog_topic("meet"), changelog_topic("identify"))
_WHOLE_VERDICTS: Final = (VERDICTS, 0)
_PATIENCE_SECONDS: Final = 60.0
_LOOK_AGAIN_SECONDS: Final = 0.1


class KafkaCluster:
    """The cluster of the settings; its topics keep their number of replicas."""

    def __init__(self, admin: Admin, stage: StageSettings, departments: Departments) -> None:
        self._admin = admin
        self._stage = stage
        self._departments = departments

    def members(self, stage: str) -> int:
        """Count the workers of a stage that are members of its group."""
        return self._admin.members(f"recordbus-{stage}")

    def partitions(self, topic: str) -> int:
        """Count the partitions of a topic; 0 when it is not there."""
        return self._admin.list_topics().get(topic, 0)

    def empty_tables(self) -> None:
        """Empty what stands between intake and associate; a call that was killed is made again."""
        wanted = self._wanted()
        self._admin.delete_topics(MADE_ANEW)
        _until(self._are_gone, "deleted topics to be gone")
        crashpoint("rebuild.emptied")
        self._admin.apply_topics([wanted[name] for name in MADE_ANEW])
        verdicts = wanted[VERDICTS]
        both = {**verdicts.config, "cleanup.policy": "compact,delete"}
        self._admin.apply_topics([replace(verdicts, config=both)])
        _until(self._cut_verdicts, f"{VERDICTS} to be emptied")
        self._admin.apply_topics([verdicts])

    def _wanted(self) -> dict[str, Topic]:
        replicas = self._admin.replicas(RECORDS)
        counts = partitions_by_group(self._stage)
        topics = wanted_topics(self._departments.names, counts, replicas=replicas)
        return {topic.name: topic for topic in topics}

    def _are_gone(self) -> bool:
        return not set(MADE_ANEW) & self._admin.list_topics().keys()

    def _cut_verdicts(self) -> bool:
        """Delete all of it; brokers refuse until they have heard that it may be deleted from."""
        try:
            self._admin.delete_records(self._admin.ends([_WHOLE_VERDICTS]))
        except Misconfigured:
            return False
        return True


def _until(is_done: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not is_done():
        if time.monotonic() > deadline:
            raise Retryable(f"waited too long for {what}", hint="run the rebuild again")
        time.sleep(_LOOK_AGAIN_SECONDS)
