"""What auditors see and the public is told, and what erasing leaves (R-27, R-42, R-43)."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordbus.audit.checkpoint import make_checkpoint
from recordbus.audit.encoding import encoded
from recordbus.audit.entry import Entry, Private, hundredths, keyed
from recordbus.audit.erasing import erase_openings, sequences_about
from recordbus.audit.export import as_csv, as_json_lines, safe_cell
from recordbus.audit.notes import LOG_KEY, key_of
from recordbus.audit.openings import Sealer
from recordbus.audit.reader import leaves, read_mark
from recordbus.audit.review import find, sample
from recordbus.audit.statistics import SMALLEST, check_is_over, published, statistics
from recordbus.audit.store import Store
from recordbus.audit.verify import stored_checkpoints, verify
from recordbus.errors import Refused
from recordbus.testing.audit import entries_in
from recordbus.testing.clock import EPOCH
from tests.unit.recordbus.audit.conftest import KEY, ORIGIN, SEALER, entry, filled


def test_an_auditor_reads_what_was_asked_and_others_do_not(tmp_path: Path) -> None:
    filled(tmp_path, 8)
    seen = sample(tmp_path, SEALER, 3, seed=5)

    assert len(seen) == 3
    assert sample(tmp_path, SEALER, 3, seed=5) == seen
    assert sample(tmp_path, SEALER, 3, seed=6) != seen
    for each in seen:
        number = each.entry["sequence"]
        assert each.texts == {"asked.name": f"Jane Roe {number}"}
        assert each.entry["asked"]["sex"] == ["F"]
    stranger = sample(tmp_path, Sealer(b"s" * 32), 3, seed=5)
    assert all(each.texts == {"asked.name": None} for each in stranger)


def test_who_looked_for_somebody_is_found_however_it_was_typed(tmp_path: Path) -> None:
    filled(tmp_path, 8)

    (found,) = find(tmp_path, SEALER, "jane ROE-4")
    assert found.entry["entry_id"] == "id-4"
    assert find(tmp_path, SEALER, "Jane") == []


def test_erasing_leaves_the_log_its_proofs_and_the_other_texts(tmp_path: Path) -> None:
    """R-27: after an expunge nobody learns what was asked, and every proof holds as before."""
    filled(tmp_path, 8, segment_bytes=900)
    make_checkpoint(tmp_path, ORIGIN, KEY)
    before = list(leaves(tmp_path, read_mark(tmp_path)))
    about = sequences_about(tmp_path, "r4")
    sealed = [path.read_bytes() for path in sorted((tmp_path / "openings").glob("*"))]

    assert about == {4}
    assert erase_openings(tmp_path, about) == 1
    assert erase_openings(tmp_path, about) == 0
    assert find(tmp_path, SEALER, "Jane Roe 4") == []
    assert len(find(tmp_path, SEALER, "Jane Roe 5")) == 1
    assert list(leaves(tmp_path, read_mark(tmp_path))) == before
    assert verify(tmp_path, key_of(ORIGIN, LOG_KEY, KEY), (), stored_checkpoints(tmp_path)).is_sound
    assert sealed != [path.read_bytes() for path in sorted((tmp_path / "openings").glob("*"))]
    filled(tmp_path, 1, segment_bytes=900, start=8)
    assert len(entries_in(tmp_path)) == 9


@given(st.text(), st.text())
def test_a_private_text_is_not_in_the_leaf_and_equal_texts_do_not_look_equal(
    text: str, other: str
) -> None:
    salts = iter([bytes([n]) * 16 for n in range(9)])
    asked = {"a": Private(text), "b": Private(text), "c": [{"d": Private(other)}]}
    leaf = encoded(entry(asked=asked), 3, lambda: next(salts))

    told = leaf.data.decode()
    assert len({opening.where for opening in leaf.openings}) == 3
    assert told.count("committed:") == 3
    assert len({told.split("committed:")[n][:64] for n in (1, 2, 3)}) == 3
    assert len(text) < 12 or text not in told


@pytest.mark.parametrize(
    "wrong",
    [{"records": ("Jane Roe",)}, {"reasons": ("she said so",)}, {"command": "Search Jane"},
     {"at": EPOCH.replace(tzinfo=None)}, {"entities": ("k" * 301,)}, {"entry_id": "a b"},
     {"policy_version": "v 1"}],
    ids=str,
)  # fmt: skip
def test_an_entry_has_no_room_for_content(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="audit entry"):
        entry(**wrong)


def test_an_entry_is_written_to_the_hundredth_and_without_what_is_empty(tmp_path: Path) -> None:
    store = Store(tmp_path, SEALER)
    store.commit([entry(0, at=EPOCH.replace(microsecond=129_999), records=(keyed("k", 7),))], 2)
    store.close()

    (told,) = entries_in(tmp_path)
    assert told["at"] == hundredths(EPOCH)[:-3] + "12Z"
    assert told["records"] == ["k@7"]
    assert "on_behalf_of" not in told


def test_a_half_of_a_surrogate_pair_stops_nothing() -> None:
    leaf = encoded(entry(requester="\ud800", asked={"a": Private("\udfff")}), 0, lambda: b"s" * 16)
    assert leaf.openings[0].text == "?"


def test_an_export_has_every_entry_and_no_formula(tmp_path: Path) -> None:
    """Catalogue row 54: what begins a formula is a text."""
    store = Store(tmp_path, SEALER)
    store.commit([entry(0, requester='=HYPERLINK("x")'), entry(1, agency_ori="-1,\n2")], 2)
    store.close()
    rows = list(csv.DictReader("".join(as_csv(entries_in(tmp_path))).splitlines(keepends=True)))

    assert [row["requester"] for row in rows] == ['\'=HYPERLINK("x")', "det. Alvarez"]
    assert rows[1]["agency_ori"] == "'-1,\n2"
    assert [row["sequence"] for row in rows] == ["0", "1"]
    assert len(list(as_json_lines(entries_in(tmp_path)))) == 2


@pytest.mark.parametrize(
    "begins", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\ufe66", "\uff0b"]
)
def test_a_cell_never_begins_a_formula(begins: str) -> None:
    assert safe_cell(f"{begins}1") == f"'{begins}1"
    assert safe_cell("1=1") == "1=1"


def used(count: int, **fields: object) -> list[dict[str, object]]:
    said = {"at": "2026-10-03T00:00:00.00Z", "operation": "consultation", "outcome": "answered",
            "command": "search", "agency_ori": "ZZ0010100", "purpose": "training"}  # fmt: skip
    return [said | fields] * count


def test_a_month_counts_uses_and_denials() -> None:
    entries = [
        *used(12), *used(4, purpose="prosecution"), *used(9, at="2026-11-01T00:00:00.00Z"),
        *used(7, outcome="refused"), *used(5, operation="disclosure", outcome="failed"),
        *used(5, operation="disclosure", outcome="sent", agency_ori=None),
    ]  # fmt: skip
    uses, denials = statistics(entries, "2026-10")

    assert uses.counts == {
        ("consultation", "ZZ0010100", "training"): 10,
        ("consultation", "ZZ0010100", "prosecution"): None,
        ("disclosure", "none", "training"): 5,
    }
    assert uses.total == 15
    assert denials.counts == {("ZZ0010100", "training"): 5}


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 40), min_size=1), st.data())
def test_one_use_more_is_seen_only_when_a_multiple_of_five_is_full(
    counts: dict[str, int], draw: st.DataObject
) -> None:
    """R-43: two publications that differ by one use are alike, so subtracting tells nothing."""
    group = draw.draw(st.sampled_from(sorted(counts)))
    before = published("t", ("g",), {(name,): count for name, count in counts.items()})
    more = Counter(counts) + Counter({group: 1})
    after = published("t", ("g",), {(name,): count for name, count in more.items()})

    assert (before == after) == ((counts[group] + 1) % SMALLEST != 0)
    assert after.total == sum(count or 0 for count in after.counts.values())
    assert all(count is None or count % SMALLEST == 0 for count in after.counts.values())


def test_a_month_that_is_not_over_is_not_told() -> None:
    check_is_over("2025-12", EPOCH)
    for month in ("2026-01", "2026-02"):
        with pytest.raises(Refused, match="not over"):
            check_is_over(month, EPOCH)


def test_an_entry_shows_no_private_text() -> None:
    made: Entry = entry(3)
    assert "Jane" not in repr(made)
