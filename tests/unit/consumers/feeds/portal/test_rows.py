"""Rows 31-46 of the bad input catalogue at the portal, and whose subscriptions are whose (R-44)."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from recordbus.audit import Outcome as Audited
from recordbus.errors import Retryable
from recordbus.redaction import clean_values
from recordbus.testing.ids import SequenceIds
from recordbus.web.issuing import issue
from recordbus.web.limits import RequestLimits
from recordbus.web.rates import Rate
from recordbus.web.tokens import Terms
from tests.unit.consumers.feeds import bus as made
from tests.unit.consumers.feeds.portal.door import ID, TERMS, MemoryPortal

ONE = "/v1/subscriptions/{subscription_id}"
GOOD = b'{"delivery_ids": ["dlv_0"]}'
BODIES = [
    (31, b"", "empty_body"), (32, b"{", "bad_json"),
    (32, b"\xef\xbb\xbf" + GOOD, "byte_order_mark"),
    (33, b'{"delivery_ids": ["a"], "delivery_ids": ["b"]}', "duplicate_key"),
    (34, b'{"delivery_ids": NaN}', "not_finite"), (34, b'{"delivery_ids": 1e999}', "not_finite"),
    (35, b"[" * 100_000, "too_deep"), (35, b"1" * 5000, "number_too_long"),
    (36, b'{"delivery_ids": ["\\ud800"]}', "lone_surrogate"),
]  # fmt: skip
FIELDS = [
    (37, "/receipts", {"delivery_ids": ["a"], "note": "x"}, "/note"),
    (37, "/resend", {"what": "since", "since": "2026-01-01T00:00:00Z", "until": "x"}, "/until"),
    (37, "/digest", {"salt": "12345678", "digest": "0" * 64, "leafs": {}}, "/leafs"),
    (38, "/receipts", {"delivery_ids": "dlv_0"}, "/delivery_ids"),
    (38, "/receipts", {}, "/delivery_ids"),
    (38, "/receipts", {"delivery_ids": []}, "/delivery_ids"),
    (38, "/receipts", {"delivery_ids": ["a", 1]}, "/delivery_ids/1"),
    (38, "/receipts", {"delivery_ids": ["a"] * 1001}, "/delivery_ids"),
    (38, "/digest", {"salt": "short", "digest": "0" * 64}, "/salt"),
    (38, "/digest", {"salt": "12345678", "digest": "0" * 64, "leaves": {"a/b": 1}}, "/leaves/a~1b"),
    (38, "/resend", {"what": "all"}, ""),
    (38, "/resend", {"what": "since", "since": 1767225600}, "/since"),
    (38, "/resend", {"what": "since", "since": "2026-01-01T00:00:00"}, "/since"),
]
QUERIES = [
    "/messages?limit=0", "/messages?limit=501", "/messages?limit=ten", "/messages?limit=1&limit=2",
    "/messages?after=" + "x" * 65, "/messages?before=x", "/messages?limit=1%0A", "/digest?salt=a",
    "/attempts?limit=1001", "?limit=1", "/receipts?limit=1",
]  # fmt: skip
ROUTES = [
    ("GET", ""), ("POST", "/confirm"), ("POST", "/stop"), ("GET", "/messages"),
    ("GET", "/attempts"), ("GET", "/receipts"), ("POST", "/receipts"), ("GET", "/receipts/dlv_0"),
    ("GET", "/digest"), ("POST", "/digest"), ("POST", "/resend"),
]  # fmt: skip
SENDABLE = {
    "/receipts": GOOD, "/digest": b'{"salt": "12345678", "digest": "%s"}' % (b"0" * 64),
    "/resend": b'{"what": "everything"}',
}  # fmt: skip


@pytest.mark.parametrize(("row", "body", "code"), BODIES)
def test_a_body_that_is_no_json_is_refused(
    portal: MemoryPortal, row: int, body: bytes, code: str
) -> None:
    portal.subscribe()
    began = time.process_time()
    answer = portal.post("/receipts", body)
    assert (answer.status_code, answer.json()["code"]) == (400, code), row
    assert answer.headers["content-type"] == "application/problem+json"
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(("row", "path", "body", "pointer"), FIELDS)
def test_a_field_that_is_not_as_it_must_be_is_named(
    portal: MemoryPortal, row: int, path: str, body: object, pointer: str
) -> None:
    portal.subscribe()
    answer = portal.post(path, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_body"), row
    assert pointer in [each["pointer"] for each in answer.json()["errors"]]


def test_row_38_and_39_too_much_and_other_forms_are_refused(tmp_path: Path) -> None:
    portal = MemoryPortal(tmp_path, limits=RequestLimits(body_bytes=2048))
    portal.subscribe()
    assert portal.post("/receipts", {"delivery_ids": ["x" * 5000]}).status_code == 413
    for changed in ({"content-type": "text/plain"}, {"content-encoding": "gzip"}):
        headers = portal.headers() | changed
        path = f"/v1/subscriptions/{ID}/receipts"
        assert portal.ask("POST", path, GOOD, headers).status_code == 415
    portal.close()


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_that_is_not_known_is_refused(portal: MemoryPortal, query: str) -> None:
    portal.subscribe()
    answer = portal.get(query)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_parameter")


def test_row_40_more_headers_than_anybody_needs(portal: MemoryPortal) -> None:
    headers = portal.headers() | {f"x-{number}": "y" for number in range(101)}
    assert portal.ask("GET", "/v1/subscriptions", None, headers).status_code == 431


FOREIGN = {
    "no token": (None, {}),
    "a department's, for the gateway": (
        Terms("recordbus", "recordbus-gateway"), {"department": made.OWNER},
    ),
    "a department's, for the portal": (
        Terms("recordbus", "recordbus-portal"), {"department": made.OWNER},
    ),
    "an agency's, for the gateway": (
        Terms("recordbus", "recordbus-gateway"), {"agency": made.AGENCY},
    ),
    "an agency with no name of one": (TERMS, {"agency": "Metro/../x"}),
}  # fmt: skip


@pytest.mark.parametrize("whose", FOREIGN)
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_row_41_any_token_but_an_agency_s_for_the_portal_counts_nothing(
    portal: MemoryPortal, whose: str, method: str, path: str
) -> None:
    terms, bound = FOREIGN[whose]
    headers = {}
    if terms is not None:
        token = issue(
            portal.keys, terms, portal.clock, SequenceIds(), subject="x",
            scopes=("feeds:read", "feeds:write", "records:write"), seconds=60, **bound,
        )  # fmt: skip
        headers = {"authorization": f"Bearer {token}"}
    answer = portal.ask(method, f"/v1/subscriptions/{ID}{path}", None, headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert "detail" not in answer.json()


def test_row_41_a_token_with_both_names_is_none(portal: MemoryPortal) -> None:
    from recordbus.web.tokens import TokenRefused, _caller

    claims = {"sub": "x", "scope": "feeds:read", "agency": made.AGENCY}
    assert _caller(claims, "agency").agency == made.AGENCY
    with pytest.raises(TokenRefused):
        _caller(claims | {"department": made.OWNER}, "agency")


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_row_42_another_agency_s_subscription_is_as_one_that_is_not_there(
    portal: MemoryPortal, method: str, path: str
) -> None:
    """Byte for byte, by the same entries of the audit, and with nothing done."""
    portal.subscribe()
    portal.bus.say(made.record(1, 1))
    portal.settle()
    headers, body = portal.headers("other-agency"), SENDABLE.get(path)
    answers = []
    for subscription_id in (ID, "metro-9"):
        count = len(portal.audit.entries)
        url = f"/v1/subscriptions/{subscription_id}{path}"
        answer = portal.ask(method, url, body if method == "POST" else None, headers)
        (entry,) = portal.audit.entries[count:]
        answers.append((answer.status_code, answer.content, entry.command, entry.reasons))
        assert entry.outcome is Audited.REFUSED
        assert len(answer.headers["x-request-id"]) > 0
    assert answers[0] == answers[1]
    assert answers[0][0] == 404
    assert portal.get().json()["state"] == "active"


def test_row_42_only_an_agency_s_own_subscriptions_are_listed(portal: MemoryPortal) -> None:
    portal.subscribe()
    portal.subscribe("other-1", agency="other-agency")
    for agency, expected in ((made.AGENCY, [ID]), ("other-agency", ["other-1"]), ("third", [])):
        found = portal.ask("GET", "/v1/subscriptions", None, portal.headers(agency)).json()
        assert [each["subscription_id"] for each in found["subscriptions"]] == expected


def test_row_42_nobody_receipts_or_fetches_for_another(portal: MemoryPortal) -> None:
    portal.subscribe()
    portal.bus.say(made.record(1, 1, "Zylberstein"))
    portal.settle()
    answer = portal.get("/messages", agency="other-agency")
    assert answer.status_code == 404
    assert "Zylberstein" not in answer.text
    assert len(portal.fetch_all()) == 1


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_scope_that_is_not_enough_is_refused_and_audited(
    portal: MemoryPortal, method: str, path: str
) -> None:
    portal.subscribe()
    other = "feeds:write" if method == "GET" else "feeds:read"
    headers = portal.headers() | {"authorization": f"Bearer {portal.token(scopes=(other,))}"}
    answer = portal.ask(method, f"/v1/subscriptions/{ID}{path}", None, headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert portal.audit.entries[-1].reasons == ("forbidden",)


@pytest.mark.parametrize(
    "path",
    ["/v1/subscriptions/%2e%2e", "/v1/subscriptions/a%252fb", "/v1//subscriptions",
     "/v1/subscriptions/../x", "/v1/subscriptions/" + "x" * 8192],
)  # fmt: skip
def test_row_45_a_path_that_is_not_plain_is_refused(portal: MemoryPortal, path: str) -> None:
    answer = portal.ask("GET", path, None, portal.headers())
    assert answer.status_code in (400, 404)
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/confirm"), ("POST", "/stop"), ("POST", "/resend")]
)
def test_row_46_without_the_audit_nothing_changes(
    portal: MemoryPortal, method: str, path: str
) -> None:
    portal.subscribe()
    portal.bus.say(made.record(1, 1))
    portal.settle()
    portal.fetch_all()
    before = portal.get().json()
    portal.audit.failure = Retryable("the audit is away")
    url = f"/v1/subscriptions/{ID}{path}"
    answer = portal.ask(method, url, SENDABLE.get(path), portal.headers())
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"]
    portal.audit.failure = None
    assert portal.get().json() == before


def test_row_46_a_refusal_waits_for_the_audit_too(portal: MemoryPortal) -> None:
    portal.subscribe()
    portal.audit.failure = Retryable("the audit is away")
    assert portal.get(agency="other-agency").status_code == 503


def test_an_agency_that_asks_too_fast_waits_and_the_others_do_not(tmp_path: Path) -> None:
    portal = MemoryPortal(tmp_path, rate=Rate(per_second=1, burst=3))
    portal.subscribe()
    statuses = [portal.get().status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    other = portal.headers("other-agency")
    assert portal.ask("GET", "/v1/subscriptions", None, other).status_code == 200
    portal.clock.advance(2)
    assert portal.get().status_code == 200
    portal.close()


def test_the_access_line_names_no_subscription_and_no_record(
    portal: MemoryPortal,
) -> None:
    portal.subscribe()
    with capture_logs() as lines:
        portal.get("/receipts/dlv_zylberstein")
    (line,) = (each for each in lines if each["event"] == "request")
    assert "zylberstein" not in str(line)
    assert clean_values(line)["route"] == f"{ONE}/receipts/{{delivery_id}}"
    assert line["agency"] == made.AGENCY


def test_answers_hold_no_content_but_the_messages(portal: MemoryPortal) -> None:
    portal.subscribe()
    portal.bus.say(made.record(1, 1, "Zylberstein"))
    portal.settle()
    portal.fetch_all()
    for method, path in ROUTES:
        url = f"/v1/subscriptions/{ID}{path}"
        answer = portal.ask(method, url, SENDABLE.get(path), portal.headers())
        if path != "/messages":
            assert "Zylberstein" not in answer.text, path
            json.loads(answer.content)
