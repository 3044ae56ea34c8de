"""Every message that feeds make is what the published JSON Schema says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema_rs import Draft202012Validator

from consumers.feeds.envelope import Delivery
from consumers.feeds.formats.json_schema import json_schema
from tests.unit.consumers.feeds.formats import messages

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


def closed(node: Any) -> Any:
    """Give a schema in which nothing may stand that it does not name."""
    if isinstance(node, list):
        return [closed(each) for each in node]
    if not isinstance(node, dict):
        return node
    made = {name: closed(each) for name, each in node.items()}
    return made | {"additionalProperties": False} if "properties" in node else made


VALIDATOR = Draft202012Validator(json_schema(), validate_formats=True)
STRICT = Draft202012Validator(closed(json_schema()), validate_formats=True)


def faults(envelope: dict[str, Any]) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(envelope)]


@settings(max_examples=30, deadline=None, suppress_health_check=_SLOW)
@given(messages.deliveries())
def test_whatever_is_told_is_valid_and_has_no_field_that_is_not_named(delivery: Delivery) -> None:
    assert [str(error) for error in STRICT.iter_errors(json.loads(delivery.body))] == []


@pytest.mark.parametrize("number", range(len(messages.every_kind())))
def test_a_message_of_every_kind_is_valid(number: int) -> None:
    STRICT.validate(json.loads(messages.every_kind()[number].body))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("data", "purpose"), None), (("data", "status"), "rumoured"), (("id",), "1"),
        (("data", "content", "record_kind"), "gossip"), (("data", "sequence"), "1"),
        (("data", "content", "body", "people"), {}), (("data", "content", "contact"), None),
        (("data", "content", "published_at"), "yesterday"), (("specversion",), "2.0"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_not_valid(path: tuple[str, ...], value: object) -> None:
    envelope: dict[str, Any] = json.loads(messages.every_kind()[1].body)
    assert faults(envelope) == []
    at = envelope
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    assert faults(envelope) != []


def test_what_may_be_withheld_may_be_absent_and_nothing_else() -> None:
    envelope: dict[str, Any] = json.loads(messages.every_kind()[1].body)
    content = envelope["data"]["content"]
    del content["body"]["narrative"], content["body"]["people"][0]["person"]["names"]
    assert faults(envelope) == []
    del content["owner_ori"]
    assert faults(envelope) != []
