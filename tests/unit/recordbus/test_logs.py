"""Log lines, seen as a process writes them: canaries are planted in every way there is."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from decimal import Decimal
from typing import Any

import pytest

from recordbus import logs
from recordbus.errors import Retryable

CANARY = "Wilhelmina-Canary"
PHONE = "16175550142"
SENTENCE = f"{CANARY} was seen at 12 Elm Street"


class Lines:
    """Standard error as a list of parsed lines."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    def read(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    def last(self) -> dict[str, Any]:
        return self.read()[-1]


@pytest.fixture
def lines(own_logs: None) -> Lines:
    """Configure JSON logs into memory."""
    found = Lines()
    logs.configure("debug", stream=found.stream)
    return found


def test_a_line_holds_time_level_logger_event_and_its_values(lines: Lines) -> None:
    logs.logger("recordbus.example").info("topic made", topic="records.v1", partition=0)

    line = lines.last()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "topic made",
        "level": "info",
        "logger": "recordbus.example",
        "topic": "records.v1",
        "partition": 0,
    }


def test_a_level_that_is_not_asked_for_is_not_written(lines: Lines) -> None:
    logs.configure("warning", stream=lines.stream)

    logs.logger("streams.example").info("nothing")

    assert lines.stream.getvalue() == ""


def test_no_canary_gets_into_the_log_by_any_door(lines: Lines) -> None:
    log = logs.logger("recordbus.example")
    library = logging.getLogger("faust.example")
    log.info("under an unknown key", full_name=CANARY, narrative=SENTENCE)
    log.info("under a key of its own", **{SENTENCE: 1})
    log.info("as a sentence under a known key", topic=SENTENCE)
    log.info("nested", topic={"name": SENTENCE}, path=[SENTENCE])
    log.info(f"in the event {CANARY}")  # noqa: G004 - that is the point
    log.info("as an argument %s", CANARY)
    library.warning("as a library's argument %s", CANARY)
    library.warning("as a library's named argument %(x)s", {"x": CANARY})
    library.warning("a library's argument that is almost a number %d", Decimal(PHONE))
    library.warning(f"in a library's text {CANARY}")
    library.warning(SENTENCE)
    for text in (CANARY, SENTENCE):
        try:
            int(text)
        except ValueError as error:
            log.exception("an exception", exc_info=error)
            library.exception("a library's exception %s", error)
    _in_a_thread(lambda: int(SENTENCE))
    sys.excepthook(ValueError, ValueError(SENTENCE), None)

    assert len(lines.read()) == 17
    assert CANARY not in lines.stream.getvalue()
    assert "Elm" not in lines.stream.getvalue()
    assert PHONE not in lines.stream.getvalue()


def test_an_exception_nobody_caught_becomes_a_line_with_its_place(lines: Lines) -> None:
    _in_a_thread(lambda: int("x"))

    line = lines.last()
    assert line["level"] == "error"
    assert line["error"] == "ValueError"
    assert any(place.endswith(":<lambda>") for place in line["error_at"])


def test_ctrl_c_is_not_an_error(lines: Lines) -> None:
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)

    assert lines.read() == []


def test_an_error_of_ours_is_told_in_full(lines: Lines) -> None:
    try:
        raise Retryable("the registry at 127.0.0.1:8081 does not answer", hint="start it")
    except Retryable:
        logs.logger("recordbus.example").exception("waiting")

    assert lines.last()["message"] == "the registry at 127.0.0.1:8081 does not answer (start it)"


def test_a_trusted_librarys_hosts_and_topics_stay_readable(lines: Lines) -> None:
    logging.getLogger("aiokafka.conn").warning("no answer from %s:%d", "kafka-1", 9092)

    assert lines.last()["event"] == "no answer from kafka-1:9092"


def test_what_the_native_client_says_stays_readable(lines: Lines) -> None:
    text = "127.0.0.1:9092/1: Connect to ipv4#127.0.0.1:9092 failed: Connection refused"

    logging.getLogger("recordbus.kafka.client").log(40, "%s [%s] %s", "FAIL", "rdkafka#1", text)

    assert lines.last()["event"] == f"FAIL [rdkafka#1] {text}"


def test_a_librarys_chatter_is_not_written(lines: Lines) -> None:
    logging.getLogger("httpx").info("a request")

    assert lines.read() == []


def test_text_is_written_where_people_look(lines: Lines) -> None:
    logs.configure("info", json=False, stream=lines.stream)

    logs.logger("recordbus.example").info("topic made", topic="records.v1", name=CANARY)

    written = lines.stream.getvalue()
    assert "topic made" in written
    assert "topic=records.v1" in written
    assert CANARY not in written


def test_a_broken_line_cannot_be_forged(lines: Lines) -> None:
    logs.logger("recordbus.example").error("failed", exc_info=Retryable('x\n{"event": "y"}'))

    assert len(lines.read()) == 1


def _in_a_thread(work: Any) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
