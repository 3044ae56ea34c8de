"""What `topics apply` would do, worked out without a broker."""

from __future__ import annotations

from recordbus.kafka.catalogue import levels, subjects, wanted_topics
from recordbus.kafka.topics import Topic, TopicChange, diff

WANTED = Topic("t", 2, 1, {"cleanup.policy": "compact"})


def test_a_missing_topic_is_created() -> None:
    assert [str(change) for change in diff([WANTED], {})] == [
        "t: create with 2 partitions, 1 replicas"
    ]


def test_a_topic_as_it_should_be_needs_nothing_whatever_else_is_set() -> None:
    present = Topic("t", 2, 1, {"cleanup.policy": "compact", "retention.ms": "1"})

    assert diff([WANTED], {"t": present, "others": Topic("others")}) == []


def test_a_differing_setting_is_set() -> None:
    present = Topic("t", 2, 1, {"cleanup.policy": "delete"})

    assert diff([WANTED], {"t": present}) == [
        TopicChange("set", "t", "cleanup.policy", "delete", "compact")
    ]


def test_partitions_and_replicas_are_never_changed_in_place() -> None:
    present = Topic("t", 4, 3, {"cleanup.policy": "compact"})

    changes = diff([WANTED], {"t": present})

    assert {(change.kind, change.setting) for change in changes} == {
        ("problem", "partitions"),
        ("problem", "replication"),
    }


def test_every_department_has_its_topic_and_keyed_topics_have_equal_partitions() -> None:
    topics = {topic.name: topic for topic in wanted_topics(["a", "b"], {"records": 3})}

    assert {"ingest.a.v1", "ingest.b.v1", "records.v1", "quarantine.v1"} <= topics.keys()
    assert {topics[name].partitions for name in ("ingest.a.v1", "records.v1")} == {3}
    assert "min.insync.replicas" not in topics["records.v1"].config


def test_with_replicas_a_write_needs_all_but_one() -> None:
    (first, *_) = wanted_topics([], replicas=3)

    assert (first.replication, first.config["min.insync.replicas"]) == (3, "2")


def test_every_subject_comes_after_those_it_mentions() -> None:
    seen: set[str] = set()
    for subject in subjects(["a"]):
        assert set(subject.references) <= seen
        seen.add(subject.name)

    assert "ingest.a.v1-value" in seen


def test_subjects_of_one_level_do_not_mention_each_other() -> None:
    for level in levels(subjects(["a", "b"])):
        names = {subject.name for subject in level}
        assert not any(names & set(subject.references) for subject in level)
