"""What must be said of every record's identities, worked out from the values alone.

Scorer and clustering are the pure ones; everything that identify keeps in step is done anew here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from streams.identify.members import known_of
from streams.resolution.clusters import clusters
from streams.resolution.components import Component
from streams.resolution.evidence import Evidence
from streams.resolution.kinds import KINDS
from streams.resolution.limits import Limits
from streams.resolution.verdicts import SAME, Judge, Verdict
from streams.shipped_models import shipped

Fields = dict[str, Any]
Values = Mapping[str, tuple[str, Fields]]
"""What was said last, by key of `verdicts.v1`: the short name of it, and what it says."""
Ends = tuple[str, str]

JUDGES = {kind: Judge(shipped(kind)) for kind in KINDS}


class Foretold(NamedTuple):
    """What the side of each record must be; a record that is on its way says nothing new."""

    identities: dict[str, Fields]
    gone: dict[str, Fields]
    waiting: set[str]


def foretell(values: Values, limits: Limits) -> Foretold:
    """Give what must have been said of every record."""
    live, gone, waiting = _standing(values)
    lists = [said for said in _evidence(values) if live.get(said["record_key"]) == said["version"]]
    members = {
        f"{said['record_key']}.{each['local_id']}": each
        for said in lists
        for each in said["members"] or ()
    }
    who = _who(members, lists, live, values, limits)
    identities = {
        key: {
            "record_key": key,
            "version": version,
            "mentions": [
                {"local_id": each["local_id"], **who[f"{key}.{each['local_id']}"]}
                for said in lists
                if said["record_key"] == key
                for each in said["members"] or ()
            ],
            "dispositions": sorted(_reaching(key, lists, live, members, who), key=repr),
        }
        for key, version in live.items()
    }
    return Foretold(identities, gone, waiting)


def _evidence(values: Values) -> Iterator[Fields]:
    return (said for name, said in values.values() if name == "RecordEvidence")


def _standing(values: Values) -> tuple[dict[str, int], dict[str, Fields], set[str]]:
    told: dict[str, dict[int, tuple[str, Fields]]] = {}
    for key, (name, said) in values.items():
        if name in ("RecordEvidence", "EvidenceRemoved"):
            told.setdefault(said["record_key"], {})[int(key.split("/")[1])] = (name, said)
    live, gone, waiting = {}, {}, set()
    for key, by_part in told.items():
        newest = max((said for _, said in by_part.values()), key=lambda said: said["version"])
        spoken = {
            part
            for part, (name, said) in by_part.items()
            if name == "RecordEvidence" and said["version"] == newest["version"]
        }
        if not newest["parts"]:
            reason = newest["reason"]
            gone[key] = {"record_key": key, "version": newest["version"], "reason": reason}
        elif spoken >= set(newest["parts"]):
            live[key] = newest["version"]
        else:
            waiting.add(key)
    return live, gone, waiting


def _judged(values: Values, members: Mapping[str, Fields]) -> Iterator[Fields]:
    now: Any = max((said["at"] for name, said in values.values() if name == "Tick"), default=None)
    for name, said in values.values():
        if name == "Judgement" and said["outcome"] != "revoked":
            ends: Any = said["expires_at"]
            over = ends is not None and now is not None and ends <= now
            both = [members.get(said["a"]), members.get(said["b"])]
            kinds = {each["kind"] for each in both if each and not each["is_alone"]}
            if not over and all(both) and len(kinds) == 1 and not _some_alone(both):
                yield said


def _some_alone(both: Iterable[Fields | None]) -> bool:
    return any(each is not None and each["is_alone"] for each in both)


def _pairs(lists: list[Fields], live: Mapping[str, int]) -> dict[Ends, tuple[str, Evidence]]:
    found: dict[Ends, tuple[str, Evidence]] = {}
    for said in lists:
        for each in said["pairs"]:
            if live.get(each["other"][:64]) == each["other_version"]:
                a, b = sorted((f"{said['record_key']}.{each['local_id']}", each["other"]))
                shared = tuple((value["key"], value["level"]) for value in each["shared"])
                evidence = Evidence(tuple(each["levels"]), tuple(each["frequencies"]), shared)
                found[a, b] = (each["kind"], evidence)
    return found


def _who(
    members: Mapping[str, Fields],
    lists: list[Fields],
    live: Mapping[str, int],
    values: Values,
    limits: Limits,
) -> dict[str, Fields]:
    defaults = {
        said["value"]
        for name, said in values.values()
        if name == "DefaultValue" and said["is_default"]
    }
    verdicts: dict[Ends, Verdict] = {}
    for ends, (kind, evidence) in _pairs(lists, live).items():
        verdict = JUDGES[kind].verdict(evidence, defaults)
        if verdict.is_kept:
            verdicts[ends] = verdict
    judged = list(_judged(values, members))
    together = {(said["a"], said["b"]) for said in judged if said["outcome"] == "same"}
    apart = {(said["a"], said["b"]) for said in judged if said["outcome"] == "different"}
    links = {ends: v for ends, v in verdicts.items() if v.fits and ends not in apart}
    found: dict[str, Fields] = {}
    for group in _connected(members, [*links, *together]):
        kind = members[min(group)]["kind"]
        component = Component(
            {each: known_of(list(_plainly(members[each]))).member for each in sorted(group)},
            {ends: v for ends, v in links.items() if group.issuperset(ends)},
            frozenset(ends for ends, v in verdicts.items() if v.vetoes and group.issuperset(ends)),
            frozenset(ends for ends in together if group.issuperset(ends)),
            frozenset(ends for ends in apart if group.issuperset(ends)),
        )
        margin, most = JUDGES[kind].model.ambiguity_bits, limits.component_mentions
        for one in clusters(kind, component, KINDS[kind].rules, margin, most):
            held = _held(component, set(one.members))
            for each in one.members:
                ids = [_verdict_id(held[each])] if each in held else []
                found[each] = {"entity_id": one.entity_id, "verdicts": ids}
    return found


def _plainly(member: Fields) -> Iterator[Any]:
    """The fields of a mention in the order of their schema, its numbers as tuples."""
    for name, value in member.items():
        yield [tuple(each.values()) for each in value] if name == "numbers" else value


def _held(component: Component, members: set[str]) -> dict[str, Ends]:
    """By which decision each member joined earlier ones: that of its part, where it was the first.

    Decisions count by the age of their later end, people's first, then the strongest, then those
    with the earliest other end.
    """
    ages = {each: (component.members[each].recorded_at, each) for each in members}
    weights = [(ends, -v.bits) for ends, v in component.links.items() if v.outcome == SAME]
    order = sorted(
        (max(ages[a], ages[b]), not by_people, weight, min(ages[a], ages[b]), (a, b))
        for by_people, decisions in (
            (True, [(ends, 0.0) for ends in component.together]),
            (False, weights),
        )
        for (a, b), weight in decisions
        if a in members and b in members
    )
    first = {each: each for each in members}
    held = {}
    for *_, (a, b) in order:
        earlier, later = sorted((first[a], first[b]), key=ages.__getitem__)
        if earlier != later:
            held[later] = (a, b)
            first = {each: earlier if it == later else it for each, it in first.items()}
    return held


def _verdict_id(ends: Ends) -> str:
    return hashlib.sha256("~".join(ends).encode()).hexdigest()[:16]


def _connected(mentions: Iterable[str], pairs: Iterable[Ends]) -> list[set[str]]:
    groups = [{each} for each in mentions]
    for a, b in pairs:
        one = next(group for group in groups if a in group)
        other = next(group for group in groups if b in group)
        if one is not other:
            groups.remove(other)
            one |= other
    return groups


def _reaching(
    key: str,
    lists: list[Fields],
    live: Mapping[str, int],
    members: Mapping[str, Fields],
    who: Mapping[str, Fields],
) -> Iterator[Fields]:
    """The decisions of courts that reach people of a record, each once."""
    links = {
        repr(sorted(link.items())): link
        for said in lists
        for link in said["courts"]
        if link["arrest_key"] == key
        and live.get(key) == link["arrest_version"]
        and live.get(link["court_key"]) == link["court_version"]
    }
    for link in links.values():
        about = {
            who[f"{link['court_key']}.{local}"]["entity_id"]
            for local in link["people"]
            if f"{link['court_key']}.{local}" in who
        }
        for mention, each in members.items():
            is_theirs = mention[:64] == key and each["kind"] == "person"
            if is_theirs and who[mention]["entity_id"] in about:
                yield {
                    "local_id": each["local_id"],
                    "outcome": link["outcome"],
                    "record_key": link["court_key"],
                    "version": link["court_version"],
                    "matter_local_id": link["matter_local_id"],
                }
