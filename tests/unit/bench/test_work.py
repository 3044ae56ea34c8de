"""The log and the job that every engine of `bench.work` is given, without an engine."""

from __future__ import annotations

from collections import deque

import pytest

from bench.chain import registry_of
from bench.work.job import PUBLIC, STAGES, WRITTEN, Job
from bench.work.load import Content, Load, load_of
from recordbus.testing import records
from streams.runtime.contract import Output

REGISTRY = registry_of([records.DEPARTMENT])
NOW_MS = int(records.MOMENT.timestamp() * 1000)


@pytest.fixture(scope="module")
def load() -> Load:
    return load_of(REGISTRY, count=50, warm_up=10, now_ms=NOW_MS)


class Engine:
    """The least engine: a dict of values for each stage."""

    def __init__(self) -> None:
        jobs = [Job(name, REGISTRY) for name in STAGES]
        self.readers = {job.source: (job, dict[bytes, bytes]()) for job in jobs}
        self.content: Content = {}
        self.said = 0

    def take(self, log: list[Output]) -> None:
        waiting = deque(log)
        while waiting:
            each = waiting.popleft()
            if each.topic in PUBLIC:
                self.content[each.topic, each.key] = each.value
                self.said += 1
            elif each.topic in self.readers:
                waiting += self.said_to(each)

    def said_to(self, each: Output) -> list[Output]:
        job, values = self.readers[each.topic]
        given = job.message(each.key, each.value, NOW_MS)
        key = job.state_key(given)
        new, outputs = job.work(given, values.get(key))
        if new is not None:
            values[key] = new
        return list(outputs)


def test_the_jobs_say_what_the_stages_say(load: Load) -> None:
    engine = Engine()

    engine.take([*load.warm_up.log])
    assert (engine.content, engine.said) == (load.warm_up.content, load.warm_up.said)

    engine.take([*load.rest.log])
    assert (engine.content, engine.said) == (load.rest.content, load.rest.said)


def test_a_job_goes_on_from_the_values_that_an_engine_kept(load: Load) -> None:
    engine = Engine()
    engine.take([*load.warm_up.log])

    for job, values in engine.readers.values():
        job.restored(values.items())
    engine.take([*load.rest.log])

    assert engine.content == load.rest.content


def test_the_log_says_something_and_what_the_stages_write_is_known(load: Load) -> None:
    assert {topic for topic, _ in load.rest.content} == set(PUBLIC)
    assert len(load.rest.log) == 2 * 50
    assert {name for names in WRITTEN.values() for name in names} == {
        "verdicts.v1", "relations.v1", *PUBLIC,
    }  # fmt: skip
