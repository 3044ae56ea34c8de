"""Decides what one message of a department leads to (pure but for the injected schema look-up).

Invariant: a message is accepted whole or not at all. An accepted one gives one message of
`records.v1`, what other stages need of it, and the key's new state; any other leaves the state in
force as it was, and goes to quarantine with a reason, or is counted when nothing is wrong with it.
Who speaks is the topic's department, never the payload (R-44).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from recordbus import ids
from recordbus.avro.reader import EPOCH, MICROSECOND, instant
from recordbus.errors import Rejected
from recordbus.kafka.wire import HEADER_BYTES
from schemas.association_rules import association_rules
from schemas.topics import answers_topic_for_department
from streams.intake import checks, judgements, order, relations, verifications
from streams.intake.assertions import exceptions_from_notice
from streams.intake.codes import Check
from streams.intake.decode import Decoded, GuardedDecoder
from streams.intake.judgements import Judgements
from streams.intake.normalise import Normaliser, placeholder_flags
from streams.intake.offers import Offered, Offers
from streams.intake.publish import RecordWriter, content, head
from streams.intake.requests import Requests
from streams.intake.state import MAX_QUARANTINED, RecordState, decode
from streams.intake.texts import refuse_controls
from streams.intake.topics import JUDGEMENTS, QUARANTINE, QUESTIONS, RECORDS, UPKEEP
from streams.intake.verifications import ASKERS, Verifications
from streams.runtime.contract import KEEP, Handled, Input, Note, Output, Quarantine

TICK: Final = b"tick"
_RECORD_KEY: Final = re.compile(rb"[0-9a-f]{64}")
_FINGERPRINT_HEX: Final = 32
NO_RELATIONS: Final = b"\0"
_WRITTEN_ANEW: Final = Decoded({}, {}, b"", is_plain=False)
"""In the place of a message whose body could be passed on: everything is written from values."""


class Publisher(NamedTuple):
    """The department that alone writes a topic."""

    name: str
    ori: str

    @property
    def answers(self) -> str:
        """The other topic that it alone writes: its answers to questions (R-34)."""
        return answers_topic_for_department(self.name)


def state_key(message: Input) -> bytes:
    """Name the state a message may change: of a record, a judged pair, a tick, or none (empty)."""
    key = message.key or b""
    if message.topic == UPKEEP and key == TICK:
        return b"tick/%d" % message.partition
    if message.topic == JUDGEMENTS:
        return judgements.pair_key(key)
    return key if _RECORD_KEY.fullmatch(key) else b""


class Intake:
    """The stage's `handle`, with what it needs to judge and write.

    `publishers` maps each department's topic to the department. `designations` says whether
    designations of people as members of an organisation are accepted (R-13).
    """

    def __init__(
        self,
        publishers: Mapping[str, Publisher],
        changes: GuardedDecoder,
        normaliser: Normaliser,
        writer: RecordWriter,
        offers: Offers,
        judged: Judgements,
        asked: Verifications,
        requests: Requests,
        check_codes: Check,
        *,
        designations: bool = False,
    ) -> None:
        self._publishers = dict(publishers)
        self._answering = {each.answers: each.name for each in publishers.values()}
        self._changes = changes
        self._normaliser = normaliser
        self._writer = writer
        self._offers = offers
        self._judged = judged
        self._asked = asked
        self._requests = requests
        self._check_codes = check_codes
        self._designations = designations

    def handle(self, message: Input, state: bytes | None) -> Handled:
        """Decide what a message leads to, given what is known of its key."""
        if _is_idle_tick(message):
            return Handled(outcome="tick")
        publisher = self._publishers.get(message.topic)
        if publisher is None:
            return self._handle_other(message, state)
        known = decode(state)
        try:
            return self._handle_change(message, known, publisher)
        except Rejected as refused:
            return _set_aside(message, known, publisher, refused)

    def set_aside(self, message: Input, state: bytes | None, why: Quarantine) -> Handled:
        """Set aside what the runtime refuses, so that a removal finds its bytes as any others."""
        publisher = self._publishers.get(message.topic)
        refused = Rejected(why.reason, why.detail)
        if publisher is not None:
            handled = _set_aside(message, decode(state), publisher, refused)
        elif message.topic == JUDGEMENTS:
            handled = judgements.set_aside(refused)
        elif message.topic == QUESTIONS or message.topic in self._answering:
            whose = self._answering.get(message.topic, ASKERS)
            handled = verifications.set_aside(refused, whose)
        else:
            handled = Handled(quarantined=why)
        return handled._replace(notes=())

    def restate(self, message: Input, record: Mapping[str, Any], known: RecordState) -> Handled:
        """Say once more what `records.v1` has of a key, under the version of `message`.

        Other stages are taken to hold nothing of it; what is known of the key stays. Raises
        Rejected when a live record is none that would be accepted now.
        """
        again = head(record, record["department"], message.version, record["published_at"])
        known = known._replace(version=message.version, parts=(), marked=())
        if known.status == "live":
            day = self._fill(again, record, known, record["content_hash"])
            if order.GAP_FLAG in record["flags"]:
                again["flags"].append(order.GAP_FLAG)
            outputs, state = self._say(message, again, _WRITTEN_ANEW, day, known)
        else:
            known = known._replace(parts=self._offers.home(message.key or b""))
            outputs, state = self._take_back(message, again, _WRITTEN_ANEW, known, known)
        return Handled(state.encode(), outputs, None, "restated")

    def restate_time(self, partition: int, state: bytes) -> Handled:
        """Tell other stages once more what time it was last."""
        at = EPOCH + int(state) * MICROSECOND
        return Handled(state, self._offers.tick(partition, b"tick/%d" % partition, at))

    def _handle_other(self, message: Input, state: bytes | None) -> Handled:
        """Decide what a judgement, a question, an answer or a request leads to."""
        if message.topic == JUDGEMENTS:
            return self._judged.handle(message, state)
        if message.topic == QUESTIONS:
            return self._asked.ask(message, decode(state))
        answering = self._answering.get(message.topic)
        if answering is not None:
            return self._asked.answer(message, decode(state), answering)
        if message.key == TICK:
            return self._requests.tick(message, state_key(message))
        return self._requests.tombstone(message, decode(state))

    def _handle_change(self, message: Input, known: RecordState, publisher: Publisher) -> Handled:
        key, value = _present(message)
        if known.department not in ("", publisher.name):
            raise Rejected("origin_mismatch", "the key belongs to another department's record")
        decoded = self._changes.decode(message.topic, value)
        change = decoded.value
        checks.check_envelope(change, key, publisher.ori)
        checks.check_presence(change)
        content_hash = "" if change["body"] is None else ids.content_hash(decoded.marked)
        checks.check_event_id(change, content_hash)
        fingerprint = _fingerprint(value)
        verdict = order.judge(known, change["status"], change["source_seq"], fingerprint)
        if verdict in (order.Verdict.DUPLICATE, order.Verdict.SUPERSEDED):
            return Handled(outcome=verdict.value)
        refuse_controls(decoded.as_written)
        record = head(change, publisher.name, message.version, instant(message.timestamp_ms * 1000))
        if change["status"] == "live":
            day = self._fill(record, change, known, content_hash)
            accepted = _accepted(known, record, fingerprint)
            outputs, state = self._say(message, record, decoded, day, accepted)
        else:
            accepted = _accepted(known, record, fingerprint)
            outputs, state = self._take_back(message, record, decoded, known, accepted)
        return Handled(state.encode(), outputs, None, verdict.value, _notes(publisher, record))

    def _fill(
        self, record: dict[str, Any], change: Mapping[str, Any], known: RecordState,
        content_hash: str,
    ) -> date:  # fmt: skip
        """Give a live record its content, after checking it; gives the day of its event."""
        body, kind, published_at = change["body"], change["record_kind"], record["published_at"]
        checks.check_kind(kind, body)
        self._check_codes(change)
        checks.check_roles(body, association_rules()[kind])
        checks.check_local_ids(change, body)
        flags = checks.event_flags(change, published_at)
        day = checks.event_day(change, flags, published_at)
        checks.check_people(body, day)
        checks.check_coordinates(body)
        normalised = self._normaliser.record(change["record_key"], kind, change["owner_ori"], body)
        matters = [(matter["type"], matter["local_id"]) for matter in normalised["matters"]]
        facts = relations.RecordFacts(change["record_key"], kind, body, matters, day, published_at)
        found = relations.relations_of(facts, designations=self._designations)
        first = known.first_recorded_on or checks.recorded_day(change, flags, published_at)
        flags += placeholder_flags(normalised)
        if order.has_gap(known, change["source_seq"]):
            flags.append(order.GAP_FLAG)
        record |= content(change, content_hash, str(first), flags, normalised, found)
        return day

    def _say(
        self, message: Input, record: dict[str, Any], decoded: Decoded, day: date,
        accepted: RecordState,
    ) -> Offered:  # fmt: skip
        """Give a live record and its offers."""
        relations = self._writer.relations(record)
        value = self._writer.write(record, decoded, relations)
        offered = self._offers.live(message, record, day, relations, accepted)
        outputs = [Output(RECORDS, message.key or b"", value, message.partition), *offered.outputs]
        return Offered(outputs, offered.state)

    def _take_back(
        self, message: Input, record: dict[str, Any], decoded: Decoded, known: RecordState,
        accepted: RecordState,
    ) -> Offered:  # fmt: skip
        """Give a removal's markers, and what erases earlier messages of it from quarantine."""
        value = self._writer.write(record, decoded, NO_RELATIONS)
        offered = self._offers.removed(message, record, accepted)
        outputs = [Output(RECORDS, message.key or b"", value, message.partition), *offered.outputs]
        outputs += self._asked.gone(message, known)
        outputs += [Output(QUARANTINE, each.encode(), None) for each in known.quarantined]
        return Offered(outputs, offered.state)


def _present(message: Input) -> tuple[bytes, bytes]:
    """Give key and value of a message that has both."""
    if message.key is None:
        raise Rejected("key_mismatch", "the message has no key")
    if message.value is None:
        raise Rejected("tombstone_from_publisher", "the message has no value")
    if not _RECORD_KEY.fullmatch(message.key):
        raise Rejected("key_mismatch", "the message key is no record key of 64 hex digits")
    return message.key, message.value


def _is_idle_tick(message: Input) -> bool:
    """Tell whether upkeep wrote this only to make an idle partition close its segment."""
    return message.value is None and (message.key or b"").startswith(TICK + b"/")


def _fingerprint(value: bytes) -> str:
    """Give what tells two messages of one record apart: a hash of all that was written."""
    return hashlib.sha256(value[HEADER_BYTES:]).hexdigest()[:_FINGERPRINT_HEX]


def _accepted(known: RecordState, record: Mapping[str, Any], fingerprint: str) -> RecordState:
    """Give the state after an accepted message, but for its offers; its sequence never falls.

    The day of the first version outlives a removal: what comes back is no new record (R-22). Of an
    expunged record nothing is left.
    """
    status, first = record["status"], record["first_recorded_on"] or known.first_recorded_on
    is_live = status == "live"
    return RecordState(
        status,
        max(record["source_seq"], known.source_seq),
        fingerprint,
        record["department"],
        record["version"],
        False,
        known.quarantined if is_live else (),
        "" if status == "expunged" else first,
        known.parts,
        known.marked,
        known.verifications if is_live else (),
        known.unasked or bool(known.verifications and not is_live),
    )


def _notes(publisher: Publisher, record: Mapping[str, Any]) -> list[Note]:
    """Give what an accepted record is counted under."""
    notes = [Note("accepted", (publisher.name, record["record_kind"]))]
    if order.GAP_FLAG in record["flags"]:
        notes.append(Note("source_seq_gap", (publisher.name,)))
    if record["body"] is not None and record["body"]["assertions"]:
        codes = exceptions_from_notice(record["body"])
        notes += [Note("unnoticed", (publisher.name, code)) for code in codes]
    return notes


def _set_aside(
    message: Input, known: RecordState, publisher: Publisher, refused: Rejected
) -> Handled:
    """Quarantine a message; its bytes go along if a removal of their record will find them.

    So the state remembers where they are. Bytes that came under no key, under a wrong one or under
    the key of another department's record are whose nobody can tell, and are not kept.
    """
    notes = [Note("quarantined", (publisher.name, refused.reason))]
    if refused.reason == "resurrection_attempt":
        notes.append(Note("resurrection", (publisher.name,)))
    theirs = known.department in ("", publisher.name) and refused.reason != "key_mismatch"
    is_found = theirs and state_key(message) != b"" and len(known.quarantined) < MAX_QUARANTINED
    keep = is_found and not known.hides_content
    state: Any = KEEP
    if keep and message.value is not None:
        position = f"{message.topic}/{message.partition}/{message.offset}"
        state = known._replace(quarantined=(*known.quarantined, position)).encode()
    why = Quarantine(refused.reason, refused.detail, keep)
    return Handled(state=state, quarantined=why, outcome="quarantined", notes=notes)
