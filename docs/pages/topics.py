"""The page of topics, from the catalogue of topics."""

from __future__ import annotations

from docs.pages.markdown import anchor, code, codes, page, table
from schemas import catalog
from schemas.catalog import TopicSpec

INTRODUCTION = """\
`recordbus topics apply` makes these topics, and `recordbus feeds topic` those of agencies; no
worker ever does. A *log* is what outsiders write: ordered, and truncated once it was read. A
*table* is what one fenced writer said last of each key: compacted. Keys hold no personal data.
Values are Avro in the Confluent wire format: a zero byte, the schema's id in four bytes, the
value."""


def topics() -> str:
    """Give the page."""
    found = catalog.topics()
    why = table(
        ("setting", "why it is there"), ((code(name), says) for name, says in found.why.items())
    )
    return page(
        "Topics",
        "schemas/topics.yaml",
        INTRODUCTION,
        *(_section(spec) for spec in found.specs),
        "## Why each topic setting is there",
        why,
    )


def _section(spec: TopicSpec) -> str:
    schema = spec.value_schema
    link = f"[`{schema}`](schemas.md#{anchor(short_name(schema))})" if schema else "private"
    if spec.per_agency:
        link = "[`recordbus.feed.v1.Message`](feeds/message.avsc)"
    facts = [
        ("kind", spec.kind),
        ("key", spec.key),
        ("value", link),
        ("registry subject", code(spec.subject)),
        ("written by", ", ".join(spec.writers)),
        ("read by", ", ".join(spec.readers)),
        ("partitions", spec.partitions),
        ("same partitions as the group", spec.group),
    ]
    config = table(
        ("setting", "value"), ((code(name), code(value)) for name, value in spec.config.items())
    )
    told = table(("", ""), (fact for fact in facts if fact[1]))
    return f"## {codes([spec.name])}\n\n{spec.says}\n\n{told}\n\n{config}"


def short_name(full_name: str) -> str:
    """Give a type's name without its namespace."""
    return full_name.rpartition(".")[2]
