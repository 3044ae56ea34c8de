"""The page of problems that doors over HTTP answer with, and their OpenAPI documents."""

from __future__ import annotations

import json

from consumers.feeds.portal import api as portal
from docs.pages.markdown import code, page, table
from producers.connectors.http_push import api as gateway
from recordbus.web.problems import KINDS

PROBLEMS = """\
What a door over HTTP says no with: `application/problem+json` (RFC 9457). `code` is from this
list; `line` and `column` say where a body is not JSON; `errors` names each field by a JSON pointer
(RFC 6901) into what was sent, and never repeats what it holds. A 401 gives no reason: the metric
[`recordbus_auth_failures_total`](metrics.md) has it.

What they take and answer, for machines: the gateway in
[openapi/gateway.json](openapi/gateway.json), the portal of subscribing agencies in
[openapi/portal.json](openapi/portal.json)."""


def problems() -> str:
    """Give the page of problem codes, by status."""
    rows = [
        (kind.status, code(name), kind.title, kind.next_step)
        for name, kind in sorted(KINDS.items(), key=lambda item: (item[1].status, item[0]))
    ]
    head = ("status", "code", "meaning", "what to do next")
    return page("Problems", "recordbus/web/problems.py", PROBLEMS, table(head, rows))


def gateway_document() -> str:
    """Give the gateway's OpenAPI document."""
    return json.dumps(gateway.openapi_document(), indent=2) + "\n"


def portal_document() -> str:
    """Give the portal's OpenAPI document."""
    return json.dumps(portal.openapi_document(), indent=2) + "\n"
