"""Log lines for machines (JSON) or for a terminal (text), with no personal data in them.

Invariant: the event text of a line stands as a literal in the code that wrote it, everything else
went through `recordbus.redaction`, and lines of libraries and uncaught exceptions are no
exception. So a name or a narrative handed to a logger by mistake cannot reach a file.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import MutableMapping
from types import FrameType, TracebackType
from typing import Any, Literal, TextIO

import structlog

from recordbus.redaction import clean_argument, clean_text, clean_values, describe_exception

Level = Literal["debug", "info", "warning", "error"]
Event = MutableMapping[str, Any]

NOT_A_LITERAL = "[event text redacted: it does not stand as a literal in the code]"
OUR_PACKAGES = ("recordbus", "schemas", "producers", "streams", "consumers")
_NATIVE_CLIENT = "recordbus.kafka.client"  # librdkafka writes of brokers and topics, not content
_TRUSTED_LIBRARIES = frozenset({"aiokafka", "confluent_kafka"})  # they never log a payload
_MAX_FRAMES = 60


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """Give the logger of one part; `name` is the module's name."""
    bound: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return bound


def configure(
    level: Level = "info", json: bool | None = None, stream: TextIO | None = None
) -> None:
    """Send every log line of this process, libraries' warnings included, to one stream.

    `stream` None means standard error, `json` None means JSON unless that is a terminal.
    Uncaught exceptions of any thread become log lines too. Calling it again replaces what was
    configured.
    """
    target = sys.stderr if stream is None else stream
    as_json = not target.isatty() if json is None else json
    _route(_handler(target, as_json), level)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            _own_event,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
    sys.unraisablehook = _unraisable


def _route(handler: logging.Handler, level: Level) -> None:
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for package in OUR_PACKAGES:
        logging.getLogger(package).setLevel(level.upper())


def _handler(stream: TextIO, as_json: bool) -> logging.Handler:
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_library_event],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _json() if as_json else _text(colours=stream.isatty()),
            ],
            use_get_message=False,
            pass_foreign_args=True,
        )
    )
    return handler


def _json() -> structlog.types.Processor:
    return structlog.processors.JSONRenderer(sort_keys=True)


def _text(*, colours: bool) -> structlog.types.Processor:
    return structlog.dev.ConsoleRenderer(colors=colours)


_add_time = structlog.processors.TimeStamper(fmt="iso", utc=True)


def _own_event(log: logging.Logger, method: str, event: Event) -> Event:
    """Let through what may be written of a line of ours."""
    text = event.pop("event", "")
    exception = _exception_of(event)
    kept = clean_values(event)
    return _finished(kept, _checked(text), exception, method, log.name)


def _library_event(_log: logging.Logger | None, _method: str, event: Event) -> Event:
    """Let through what may be written of a line of somebody else's code."""
    record: logging.LogRecord = event["_record"]
    arguments = event.get("positional_args")
    if record.name == _NATIVE_CLIENT:
        text = clean_text(str(record.msg) % (arguments or ()))
    else:
        text = _checked(record.msg)
        text = clean_text(_filled_in(text, arguments, record.name))
    error = record.exc_info[1] if record.exc_info else None
    kept = {key: event[key] for key in ("_record", "_from_structlog")}
    return _finished(kept, text, error, record.levelname.lower(), record.name)


def _finished(kept: Event, text: str, error: BaseException | None, level: str, name: str) -> Event:
    described = describe_exception(error) if error is not None else {}
    level = "error" if level == "exception" else level
    kept = {**kept, **described, "event": text, "level": level, "logger": name}
    return _add_time(None, level, kept)


def _exception_of(event: Event) -> BaseException | None:
    given = event.pop("exc_info", None)
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        found = given[1]
        return found if isinstance(found, BaseException) else None
    return sys.exception() if given else None


def _filled_in(template: str, arguments: Any, name: str) -> str:
    """Put a library's arguments into its text, each reduced to what may be written."""
    trusted = name.partition(".")[0] in _TRUSTED_LIBRARIES
    if not arguments:
        return template
    if isinstance(arguments, dict):
        cleaned: Any = {k: clean_argument(v, trusted=trusted) for k, v in arguments.items()}
    else:
        cleaned = tuple(clean_argument(item, trusted=trusted) for item in arguments)
    try:
        return str(template % cleaned)
    except (TypeError, ValueError, KeyError):  # %d met an argument that was reduced to its type
        return template


def _checked(text: object) -> str:
    """Give an event's text if some frame of the calling code holds it as a literal."""
    if not isinstance(text, str):
        return NOT_A_LITERAL
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - the documented way to a caller
    for _ in range(_MAX_FRAMES):
        if frame is None:
            break
        if text in frame.f_code.co_consts:
            return text
        frame = frame.f_back
    return NOT_A_LITERAL


def _uncaught(
    kind: type[BaseException], error: BaseException, _trace: TracebackType | None
) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        logger(__name__).error("ended by an exception that nothing caught", exc_info=error)


def _uncaught_in_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None:
        logger(__name__).error(
            "a thread ended by an exception that nothing caught", exc_info=arguments.exc_value
        )


def _unraisable(arguments: sys.UnraisableHookArgs) -> None:
    if arguments.exc_value is not None:
        logger(__name__).error(
            "an exception arose where none can be raised", exc_info=arguments.exc_value
        )
