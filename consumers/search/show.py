"""Answers as people and programs read them: tables, plain lines when piped, or one JSON object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from rich.console import Console

from consumers.search.answer import Answer, Result, Why
from consumers.search.answers import as_json as standing_as_json
from consumers.search.answers import in_words
from consumers.search.engines.interface import Freshness
from consumers.search.printing import day, moment, rows, say
from consumers.search.statements import Pointer
from recordbus.verification import UNVERIFIED

DELAY_WORTH_TELLING_US = 60_000_000
VERIFY = "Verify with the owner before acting; every result is unverified unless it says otherwise."
_HEADINGS = ("Record", "Who and what", "Why", "Basis", "When", "Owner")
_SHORTEST_BADGE = {"fact": "FACT", "assessment": "ASSESSMENT"}
_LOOKS = ("born", "age_at_event", "sex", "race", "ethnicity", "complexion", "country_of_birth",
          "height_inches", "weight_pounds", "build", "hair", "eyes", "marks")  # fmt: skip


def as_json(answer: Answer) -> dict[str, Any]:
    """Give an answer for programs; times are ISO 8601, UTC."""
    told = asdict(replace(answer, entities=None, pointers=()))
    del told["entities"]
    told["pointers"] = pointers_as_json(answer.pointers)
    told["freshness"] = freshness_as_json(answer.freshness)
    told["asked_at"] = iso(told.pop("asked_at_us"))
    for result, found in zip(told["results"], answer.results, strict=True):
        del result["standing"]
        result.update(standing_as_json(found.standing))
        result["occurred_at"] = iso(result.pop("occurred_us"))
        result["published_at"] = iso(result.pop("published_us"))
    told["notice"] = VERIFY
    return told


def show(answer: Answer, console: Console) -> None:
    """Print an answer for people: a table on a terminal, plain lines when piped."""
    rows(console, _HEADINGS, map(_cells, answer.results))
    for facet, values in answer.facets.items():
        if values:
            counted = "  ".join(f"{value} {_count(count)}" for value, count in values.items())
            say(console, f"{facet.replace('_', ' ')}: {counted}")
    say(console, _summary(answer))
    show_pointers(answer.pointers, console)
    say(console, freshness_line(answer.freshness))
    if answer.results:
        say(console, VERIFY)


def show_pointers(pointers: Sequence[Pointer], console: Console) -> None:
    """Print whom to ask about what is not shown, each owner once (R-13, R-31)."""
    if pointers:
        say(console, "NOT SHOWN: ask the owner")
    for each in pointers:
        say(console, "; ".join([each.department, *_contact(each.contact)]))


def pointers_as_json(pointers: Sequence[Pointer]) -> list[dict[str, Any]]:
    """Give whom to ask, and nothing else: no rule either, for it would say what there is."""
    return [
        {
            "department": each.department,
            "owner_ori": each.owner_ori,
            "contact": dict(each.contact),
            "verification": UNVERIFIED.state,
        }
        for each in pointers
    ]


def freshness_line(freshness: Freshness) -> str:
    """Say how complete the index is, and from which departments nothing has come for a while."""
    complete = freshness.complete_to_us
    if not complete:
        return "index empty: nothing has been read yet"
    silent = [
        f"nothing from {department} for {_minutes(complete - newest)}"
        for department, newest in sorted(freshness.newest_us.items())
        if complete - newest >= DELAY_WORTH_TELLING_US
    ]
    return "; ".join([f"index complete to {_clock(complete)} UTC", *silent])


def _cells(result: Result) -> Sequence[str]:
    what = "\n".join(mention_text(mention) for mention in result.mentions)
    if result.masked:
        what += "\n(not all of it is shared with you)"
    kind = result.record_kind.replace("_", " ")
    badges = [_SHORTEST_BADGE.get(each, each) for each in result.evidence]
    badges += ["DISPUTED"] if result.is_disputed else []
    return (
        f"{kind} {result.number or ''}".strip(),
        what,
        "\n".join(_why(each) for each in result.why),
        "\n".join([*(basis.replace("_", " ") for basis in result.bases), *badges]),
        day(result.occurred_us),
        "\n".join([result.department, *_contact(result.contact), *_answered(result)]),
    )


def _answered(result: Result) -> list[str]:
    """Give what the owner answered; nothing while nobody answered, as the last line says."""
    standing = result.standing
    return [] if standing == UNVERIFIED else [in_words(standing, result.department)]


def associations_line(freshness: Freshness) -> str:
    """Say up to when who is who, and what ties them, is complete."""
    complete = freshness.associations_to_us
    if not complete:
        return "associations: it is not known how complete they are"
    return f"associations complete to {_clock(complete)} UTC"


def mention_text(mention: Mapping[str, Any]) -> str:
    """Say how a record names and describes somebody or something."""
    mark = "» " if mention.get("is_match") else ""
    looks = [_look(name, mention[name]) for name in _LOOKS if name in mention]
    role = mention.get("role", "")
    described = " (described only)" if mention.get("described") else ""
    aliases = f" alias {', '.join(mention['aliases'])}" if mention.get("aliases") else ""
    text = f"{mark}{mention['caption']}{aliases}{described}"
    return f"{text} [{role}{': ' if looks else ''}{' '.join(looks)}]" if role else text


def _look(name: str, value: Any) -> str:
    if name in ("height_inches", "weight_pounds", "age_at_event"):
        low, high = value if isinstance(value, list) else (value, value)
        span = str(low) if low == high else f"{low}-{high}"
        return {"height_inches": f"{span} in", "weight_pounds": f"{span} lb"}.get(
            name, f"aged {span}"
        )
    if name == "born":
        return f"born {value}"
    return ", ".join(value) if isinstance(value, list) else f"{name.replace('_', ' ')} {value}"


def _why(why: Why) -> str:
    if why.how == "as asked":
        return f"{why.field.replace('_', ' ')}: {why.found}"
    return f"{why.field.replace('_', ' ')}: {why.found} for {why.asked} ({why.how})"


def _contact(contact: Mapping[str, str]) -> list[str]:
    return [contact[part] for part in ("unit", "phone", "email") if contact.get(part)]


def _summary(answer: Answer) -> str:
    if answer.total == 0:
        return "no record was found"
    more = "" if answer.total_is_exact else "more than "
    total = "a few" if answer.total is None else f"{more}{answer.total}"
    return f"{total} found, page {answer.page} shows {len(answer.results)}"


def _count(count: int | None) -> str:
    return "fewer than 5" if count is None else str(count)


def freshness_as_json(freshness: Freshness) -> dict[str, Any]:
    """Give how complete the index is, for programs."""
    complete = freshness.complete_to_us
    return {
        "complete_to": iso(complete) if complete else None,
        "associations_complete_to": (
            iso(freshness.associations_to_us) if freshness.associations_to_us else None
        ),
        "newest": {name: iso(at) for name, at in sorted(freshness.newest_us.items())},
        "says": freshness_line(freshness),
    }


def _minutes(behind_us: int) -> str:
    minutes = behind_us // 60_000_000
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 2880 else f"{minutes // 1440} days"


def iso(microseconds: int) -> str:
    """Give microseconds since 1970 as ISO 8601, UTC."""
    return moment(microseconds).isoformat().replace("+00:00", "Z")


def _clock(microseconds: int) -> str:
    return f"{moment(microseconds):%Y-%m-%d %H:%M:%S}"
