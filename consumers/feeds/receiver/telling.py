"""Says in one line what a message means for who receives it (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from consumers.feeds.receiver.inbox import Taken
from consumers.feeds.receiver.message import Message

_SHORT: Final = 12
_MOST_NAMED: Final = 3
_SIGNS: Final = {"asserted": "+", "changed": "~", "retracted": "-"}
_WORDS: Final = {"asserted": "new", "changed": "changed", "retracted": "taken back"}
_STYLES: Final = {"asserted": "green", "changed": "yellow", "retracted": "red"}
_WIDTH: Final = max(map(len, _WORDS.values()))
_TO_DO: Final = {
    "no_token": "the file of the token cannot be read; tried again by itself",
    "token_refused": "put a new token of the agency into its file; tried again by itself",
    "token_lacks_scope": "the token needs feeds:read and feeds:write; tried again by itself",
    "no_such_subscription": "the token is of another agency, or the portal of another bus",
    "not_awaited": "nobody awaits it; it is not tried again",
}


class Line(NamedTuple):
    """A line for people, and the colour that repeats what its sign says."""

    text: str
    style: str


def line_of(message: Message, taken: Taken) -> Line:
    """Give the line of a message: what happened, to what, why, and what is owed for it."""
    kind, _, key = message.subject.partition("/")
    about = f"{kind} {key[:_SHORT]}"
    if taken is Taken.REPEAT:
        return Line(f"= {'again':<{_WIDTH}}  {about}  known already", "dim")
    if taken is Taken.OLDER:
        return Line(f"< {'older':<{_WIDTH}}  {about}  a newer message of it is held", "dim")
    sign, word = _SIGNS[message.status], _WORDS[message.status]
    says = "; ".join(filter(None, (_what(kind, message.data), *_consequences(message))))
    return Line(f"{sign} {word:<{_WIDTH}}  {about}  {says}", _STYLES[message.status])


def refusal(code: str) -> Line:
    """Give the line of a request that was not believed or not understood."""
    return Line(f"! {'refused':<{_WIDTH}}  {code}", "bold red")


def receipt_line(message_ids: Sequence[str], code: str) -> Line:
    """Give the line of receipts that the portal has, or why it has not: then what to do."""
    about = message_ids[0] if len(message_ids) == 1 else f"{len(message_ids)} messages"
    if not code:
        return Line(f"^ {'receipted':<{_WIDTH}}  {about}", "green")
    what = _TO_DO.get(code, "tried again by itself")
    return Line(f"! {'no receipt':<{_WIDTH}}  {about}  {code}: {what}", "bold red")


def plain_receipt(message_ids: Sequence[str], code: str) -> dict[str, Any]:
    """Give what programs read of receipts."""
    ids = list(message_ids)
    return {"not_receipted": ids, "code": code} if code else {"receipted": ids}


def plain(message: Message, taken: Taken) -> dict[str, Any]:
    """Give what programs read: no content, which stands in the inbox."""
    return {
        "id": message.message_id,
        "subject": message.subject,
        "sequence": message.sequence,
        "status": message.status,
        "reason": message.data.get("reason"),
        "receipt_within_hours": message.receipt_within_hours,
        "taken": taken.value,
    }


def _consequences(message: Message) -> Iterator[str]:
    if message.data.get("because"):
        yield str(message.data["because"])
    if message.is_retraction:
        yield "delete what you hold of it"
    if message.receipt_within_hours is not None:
        yield f"receipt of {message.message_id} due within {message.receipt_within_hours} h"


def _what(kind: str, data: Mapping[str, Any]) -> str:
    """Describe the content, as far as an agreement lets it be seen."""
    content = data.get("content")
    if not isinstance(content, Mapping):
        return ""
    if data.get("level") == "pointer":
        contact = content.get("contact") or {}
        unit = contact.get("unit") or "its owner"
        return f"{content.get('department', 'a department')} has something: ask {unit}"
    return _association(content) if kind == "association" else _record(content)


def _record(content: Mapping[str, Any]) -> str:
    body = content.get("body") or {}
    number = body.get("record_id") or ""
    head = f"{content.get('record_kind', 'record')} {number}".strip()
    names = [name for role in body.get("people") or () if (name := _person(role))]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    who = f": {'; '.join(names[:_MOST_NAMED])}{more}" if names else ""
    return f"{head} of {content.get('department', 'a department')}{who}"


def _person(role: Mapping[str, Any]) -> str:
    names = (role.get("person") or {}).get("names") or ()
    if not names:
        return ""
    first = names[0]
    name = ", ".join(filter(None, (first.get("surname"), first.get("given"))))
    return f"{name or first.get('full') or 'unnamed'} ({role.get('role', 'named')})"


def _association(content: Mapping[str, Any]) -> str:
    said = content.get("association") or {}
    basis, grade = said.get("basis", "?"), said.get("evidence_kind", "?")
    department = (said.get("source") or {}).get("department", "a department")
    since = f", since {said['first_date']}" if said.get("first_date") else ""
    return f"{said.get('type', 'association')} on {basis} ({grade}) of {department}{since}"
