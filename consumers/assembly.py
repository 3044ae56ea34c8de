"""Puts the consumers together from the settings; nothing below this reads a setting."""

from __future__ import annotations

import gc
import os

from consumers.crashpoints import NAMES
from consumers.runner import Pace
from consumers.search.access import Access, Agency
from consumers.search.cases import CaseFile
from consumers.search.changes import RECORDS_TOPIC
from consumers.search.engines.sqlite.reader import SqliteSearch
from consumers.search.inquiry.fetching import RecordsInLog
from consumers.search.inquiry.service import Inquiries
from consumers.search.inquiry.why import WhyAsked
from consumers.search.service import Search
from consumers.search.sights import Sights
from recordbus import crashpoints, departments, explainers
from recordbus.audit.assembly import open_audit
from recordbus.audit.origin import this_terminal
from recordbus.clock import SystemClock
from recordbus.identifier_key import identifier_key
from recordbus.ids import UuidSource
from recordbus.kafka.codec import Decoder
from recordbus.kafka.connection import Connection
from recordbus.kafka.consumer import LogReader
from recordbus.kafka.registry import SchemaRegistry
from recordbus.policy import PolicyStore
from recordbus.settings import Settings
from recordbus.stopping import until_told_to_stop

__all__ = [
    "connection_of",
    "engine_of",
    "inquiries_of",
    "pace_of",
    "prepare_worker",
    "registry_of",
    "search_of",
    "until_told_to_stop",
    "why_of",
]

_COLLECT_AFTER = 50_000


def connection_of(settings: Settings) -> Connection:
    """Give the connection to the broker."""
    return Connection.from_settings(settings.kafka, client_id="recordbus-index")


def registry_of(settings: Settings) -> SchemaRegistry:
    """Give the client of the schema registry."""
    password = settings.registry.password
    authorities = settings.registry.ca_location
    return SchemaRegistry(
        settings.registry.url,
        user=settings.registry.user,
        password=password.get_secret_value() if password else None,
        ssl_ca_location=str(authorities) if authorities else None,
        timeout_seconds=settings.registry.timeout_seconds,
    )


def pace_of(settings: Settings) -> Pace:
    """Give the indexer's pace."""
    return Pace(settings.index.commit_max_records, settings.index.gather_ms)


def engine_of(settings: Settings) -> SqliteSearch:
    """Give the reader of the index; raises Retryable when there is none yet."""
    return SqliteSearch(settings.index_path())


def search_of(settings: Settings) -> Search:
    """Give the search over the index.

    Raises Retryable when there is no index yet, Misconfigured for a case register that is wrong.
    """
    return Search(
        access=access_of(settings),
        audit=open_audit(settings),
        clock=SystemClock(),
        ids=UuidSource(),
        identifier_key=identifier_key(settings),
        timeout_seconds=settings.index.search_timeout_seconds,
        origin=this_terminal(),
    )


def access_of(settings: Settings) -> Access:
    """Give the door to the index: whose terminal this is, and what agreements let it see."""
    cases, engine = settings.index.case_file, engine_of(settings)
    return Access(
        engine,
        Sights(engine, PolicyStore.from_settings(settings, SystemClock()).policies),
        agency_of(settings),
        CaseFile(cases) if cases else None,
        settings.auditors(),
    )


def agency_of(settings: Settings) -> Agency | None:
    """Give the agency whose terminal this is, None when nobody has said; it cannot be typed."""
    name, ori = settings.search.agency, settings.search.agency_ori
    if not name:
        return None
    known = settings.departments_path()
    if ori is None and known.is_file():
        registry = departments.load(known)
        ori = registry.named(name).ori if name in registry.names else None
    return Agency(name, ori)


def inquiries_of(settings: Settings) -> Inquiries:
    """Give the answers to questions about entities; raises what `search_of` raises."""
    search = search_of(settings)
    return Inquiries(
        search.access, search.audit, search.clock, search.ids, search.origin
    )  # fmt: skip


def why_of(settings: Settings) -> WhyAsked:
    """Give the answers to why and why not; the log is asked only once a question is allowed."""
    records = RecordsInLog(
        lambda: LogReader(connection_of(settings)),
        lambda: Decoder(registry_of(settings), f"{RECORDS_TOPIC}-value").decode,
    )
    return WhyAsked(inquiries_of(settings), records, explainers.find(), identifier_key(settings))


def prepare_worker() -> None:
    """Arm a crash point if a test asked for one, and let the collector of cycles rest longer."""
    if crash_at := os.environ.get("RECORDBUS_CRASH_AT"):
        crashpoints.arm(crashpoints.exit_at(crash_at, NAMES))
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, 20, 100)
