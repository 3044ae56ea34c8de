"""The topic catalogue: names, subjects, partitions, and the settings that erase what is removed."""

from __future__ import annotations

import pytest

from schemas import catalog
from schemas.errors import CatalogError
from schemas.topics import TopicSpec

TOPICS = catalog.topics().specs
TABLES = [spec for spec in TOPICS if spec.kind == "table"]
LOGS = [spec for spec in TOPICS if spec.kind == "log"]
HOUR_MS = 3_600_000


def name_of(spec: TopicSpec) -> str:
    return spec.name


def test_the_topics_of_this_stage_of_the_bus() -> None:
    assert [spec.name for spec in TOPICS] == [
        "ingest.{department}.v1",
        "ingest.upkeep.v1",
        "ingest.judgements.v1",
        "ingest.verifications.v1",
        "ingest.{department}.answers.v1",
        "records.v1",
        "verifications.v1",
        "meetings.v1",
        "verdicts.v1",
        "relations.v1",
        "identities.v1",
        "associations.v1",
        "designations.v1",
        "quarantine.v1",
        "uses.{department}.v1",
        "feed.{agency}.v1",
        "recordbus-intake-state-changelog",
        "recordbus-meet-state-changelog",
        "recordbus-identify-state-changelog",
        "recordbus-associate-state-changelog",
    ]


@pytest.mark.parametrize("spec", TABLES, ids=name_of)
def test_a_removed_record_leaves_a_table_within_the_hour(spec: TopicSpec) -> None:
    """R-25: the segment closes, and compaction must run, in bounded time."""
    config = {key: int(value) for key, value in spec.config.items() if value.isdigit()}
    assert "compact" in spec.config["cleanup.policy"].split(",")
    assert config["segment.ms"] + config["max.compaction.lag.ms"] <= HOUR_MS
    assert config["min.compaction.lag.ms"] < config["max.compaction.lag.ms"]
    assert config["min.compaction.lag.ms"] >= 30_000
    assert config["delete.retention.ms"] >= HOUR_MS
    assert float(spec.config["min.cleanable.dirty.ratio"]) <= 0.1


@pytest.mark.parametrize("spec", LOGS, ids=name_of)
def test_a_log_is_truncated_not_compacted(spec: TopicSpec) -> None:
    assert spec.config["cleanup.policy"] == "delete"
    assert int(spec.config["retention.ms"]) <= 7 * 24 * HOUR_MS
    assert int(spec.config["segment.ms"]) <= HOUR_MS


def test_quarantine_forgets_after_thirty_days_or_by_key() -> None:
    spec = catalog.topics().spec("quarantine.v1")
    assert spec.config["cleanup.policy"] == "compact,delete"
    assert int(spec.config["retention.ms"]) == 30 * 24 * HOUR_MS


@pytest.mark.parametrize("spec", TOPICS, ids=name_of)
def test_every_topic_takes_the_largest_record_and_keeps_the_brokers_time(spec: TopicSpec) -> None:
    assert int(spec.config["max.message.bytes"]) in {800_000, 2_097_152}
    assert spec.config["message.timestamp.type"] == "LogAppendTime"
    assert spec.says
    assert spec.key
    assert spec.writers
    assert spec.readers


def test_every_setting_says_why() -> None:
    used = {key for spec in TOPICS for key in spec.config}
    assert used == set(catalog.topics().why)


def test_every_value_has_a_schema_except_private_state() -> None:
    private = [spec.name for spec in TOPICS if spec.value_schema is None]
    stages = ("intake", "meet", "identify", "associate")
    assert private == [
        "feed.{agency}.v1",
        *(f"recordbus-{stage}-state-changelog" for stage in stages),
    ]
    assert catalog.topics().spec(private[0]).subject is None
    assert set(catalog.value_schemas()) <= set(catalog.full_names())
    assert dict(catalog.subjects())["records.v1-value"] == "recordbus.v1.Record"


def test_each_department_has_a_topic_of_its_own() -> None:
    concrete = catalog.topics().concrete(["harbor-city-pd", "millbrook-pd"])
    names = [spec.name for spec in concrete]
    assert names[:2] == ["ingest.harbor-city-pd.v1", "ingest.millbrook-pd.v1"]
    theirs = sum(spec.per_department - spec.per_agency for spec in TOPICS)
    assert len(names) == len(set(names)) == len(TOPICS) + theirs
    assert not any("{" in name for name in names)
    assert concrete[0].subject == "ingest.harbor-city-pd.v1-value"


def test_topics_of_a_group_have_equally_many_partitions() -> None:
    """A record key must have the same partition in every one of them."""
    counts = {"records": 4, "meetings": 3}
    for spec in catalog.topics().concrete(["millbrook-pd"], counts):
        assert spec.partitions == counts.get(spec.group or "", 1)
    assert {spec.partitions for spec in TOPICS} == {1}


def test_a_topic_is_found_by_its_real_name() -> None:
    found = catalog.topics().spec("ingest.millbrook-pd.v1")
    assert found.value_schema == "recordbus.v1.RecordChange"
    assert catalog.topics().spec("ingest.upkeep.v1").value_schema == "recordbus.v1.Upkeep"
    assert catalog.topics().spec("ingest.{department}.v1").per_department
    assert not catalog.topics().spec("ingest.judgements.v1").per_department
    for name in ("ingest..v1", "ingest.UPPER.v1", "other.v1"):
        with pytest.raises(CatalogError, match="no topic"):
            catalog.topics().spec(name)


@pytest.mark.parametrize("name", ["millbrook-pd", "a", "d2", "a1-b2-c3"])
def test_a_department_is_known_by_its_topic(name: str) -> None:
    assert catalog.department_of_topic(catalog.topic_for_department(name)) == name


@pytest.mark.parametrize(
    "name",
    ["", "Millbrook", "mill brook", "mill.brook", "mill_brook", "-a", "a-", "a--b", "1a", "upkeep",
     "judgements", "a" * 61, "pd\n", "pd/../x"],
)  # fmt: skip
def test_a_name_that_could_reach_another_topic_is_refused(name: str) -> None:
    with pytest.raises(CatalogError, match="cannot name a department"):
        catalog.topic_for_department(name)


@pytest.mark.parametrize(
    "topic",
    ["records.v1", "ingest.upkeep.v1", "ingest.judgements.v1", "ingest.a.b.v1", "ingest.A.v1"],
)
def test_other_topics_belong_to_no_department(topic: str) -> None:
    assert catalog.department_of_topic(topic) is None


def test_an_agency_has_a_topic_of_its_own_that_is_not_made_for_everybody() -> None:
    assert catalog.topic_for_agency("metro-task-force").name == "feed.metro-task-force.v1"
    assert not any(spec.per_agency for spec in catalog.topics().concrete(["millbrook-pd"]))
    for name in ("", "Metro", "a.b", "-a", "a/b", "a" * 61, "{agency}"):
        with pytest.raises(CatalogError, match="cannot name an agency"):
            catalog.topic_for_agency(name)


def test_what_an_agency_is_told_is_replaced_and_never_forgotten() -> None:
    """A retraction is found however late the agency reads: no age takes a message away."""
    spec = catalog.topic_for_agency("metro")
    assert spec.config["cleanup.policy"] == "compact"
    assert "retention.ms" not in spec.config
