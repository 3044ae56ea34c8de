"""What the demo says comes from the workers' own metrics."""

from __future__ import annotations

from collections import Counter

import pytest

from recordbus.local.demo.numbers import Numbers, are_feeds_behind, numbers
from recordbus.local.demo.publishing import Rows, is_settled
from recordbus.metrics import read_exposition

EXPOSITION = """\
# TYPE recordbus_accepted_records counter
recordbus_accepted_records_total{department="a-pd",record_kind="arrest"} 3
recordbus_accepted_records_total{department="a-pd",record_kind="citation"} 2
# TYPE recordbus_quarantine_records counter
recordbus_quarantine_records_total{department="a-pd",reason="unknown_code"} 1
recordbus_quarantine_records_total{department="b-so",reason="unknown_code"} 4
# TYPE recordbus_stage_events counter
recordbus_stage_events_total{stage="intake",outcome="accepted"} 5
recordbus_stage_events_total{stage="intake",outcome="quarantined"} 1
recordbus_stage_events_total{stage="intake",outcome="tick"} 9
# TYPE recordbus_sink_changes counter
recordbus_sink_changes_total{sink="index",outcome="stored"} 17
# TYPE recordbus_end_to_end_seconds histogram
recordbus_end_to_end_seconds_bucket{sink="index",le="1.0"} 5
recordbus_end_to_end_seconds_bucket{sink="index",le="+Inf"} 5
recordbus_end_to_end_seconds_count{sink="index"} 5
recordbus_end_to_end_seconds_sum{sink="index"} 2.5
recordbus_end_to_end_seconds_count{sink="feeds"} 4
# TYPE recordbus_index_documents gauge
recordbus_index_documents{department="a-pd"} 5
"""


def test_numbers_are_summed_by_department_and_reason() -> None:
    found = numbers(read_exposition(EXPOSITION))
    assert found.accepted == Counter({"a-pd": 5})
    assert found.quarantined_by("a-pd") == {"unknown_code": 1}
    assert (found.judged, found.stored, found.documents["a-pd"]) == (6, 5, 5)


def test_nothing_is_settled_before_everything_sent_was_judged_and_stored() -> None:
    published = {"a-pd": Rows(sent=5, withdrawn=1)}
    nothing = Numbers()
    accepted = Counter({"a-pd": 5})
    assert not is_settled(published, nothing, Numbers(accepted=accepted, judged=5, stored=5))
    assert not is_settled(published, nothing, Numbers(accepted=accepted, judged=6, stored=4))
    assert is_settled(published, nothing, Numbers(accepted=accepted, judged=6, stored=5))


def test_rows_of_several_exports_add_up() -> None:
    rows = Rows()
    account = {
        "read": 4, "accepted": 2, "unchanged": 0, "duplicates": 1, "withdrawn": 0,
        "refused": {"ragged": 1},
    }  # fmt: skip
    rows.add(account)
    rows.add(account)
    assert (rows.read, rows.sent, rows.duplicates, rows.refused) == (8, 4, 2, Counter(ragged=2))


@pytest.mark.parametrize(
    ("taken", "waiting", "is_behind"), [(4, 0, True), (5, 3, True), (5, 0, False)]
)
def test_feeds_are_behind_what_is_searchable_or_what_stands_in_the_log(
    taken: int, waiting: int, is_behind: bool
) -> None:
    said = EXPOSITION.replace('{sink="feeds"} 4', f'{{sink="feeds"}} {taken}')
    said += (
        "# TYPE recordbus_consumer_lag_records gauge\n"
        'recordbus_consumer_lag_records{group="recordbus-index",topic="records.v1"} 9\n'
        f'recordbus_consumer_lag_records{{group="recordbus-feeds",topic="records.v1"}} {waiting}\n'
    )
    assert are_feeds_behind(read_exposition(said)) is is_behind
