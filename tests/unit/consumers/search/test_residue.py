"""O3 and R-25: of a removed record no byte is left, in the file, its log or its shared memory.

A canary stands in every text of a record; the index is searched for it whole, for its tail and
for its beginning, because a full-text index stores words without the part they share.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import apsw
import pytest

from consumers.search import tokens as t
from consumers.search.classes import NOTHING
from consumers.search.document import Document, Mention, MentionType
from consumers.search.engines.sqlite import erasure, rewriting
from consumers.search.engines.sqlite.reader import SqliteSearch
from consumers.search.engines.sqlite.tables import FULL_TEXT_TABLES, MERGE_WIDTH, rows
from consumers.search.engines.sqlite.writer import SqliteIndex
from consumers.sink import Change, Progress, Removal
from consumers.testing import change_of, seen_whole
from recordbus.testing import records
from recordbus.testing.records import part, person, person_role, vehicle_role

KIND = "field_contact"
AT = ("records.v1", 0)
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
TAIL = 8


def settle(index: SqliteIndex) -> None:
    for _ in range(500):
        if index.settle():
            return
    raise AssertionError("erasing never ended")


def raw(path: Path) -> bytes:
    """Give all bytes of the index, its log and its shared memory; upper case becomes lower."""
    files = [path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")]
    return b"".join(file.read_bytes() for file in files if file.exists()).lower()


def words_left(path: Path) -> set[str]:
    connection = apsw.Connection(str(path))
    found: set[str] = set()
    for table in FULL_TEXT_TABLES:
        connection.execute(
            f"CREATE VIRTUAL TABLE temp.v_{table} USING fts5vocab(main, {table}, 'row')"
        )
        found |= {term for (term,) in rows(connection, f"SELECT term FROM v_{table}")}
    connection.close()
    return found


def canary(chance: random.Random) -> str:
    return "".join(chance.choices(LETTERS, k=20))


def planted(make_record: Any, number: str, marks: list[str], **envelope: Any) -> Any:
    """Give a record with a canary in every text it has."""
    given, surname, alias, mark, model, place, narrative, unit, note, plate, mail = marks
    someone = person(
        given, surname, marks=[part("Mark", code=records.coded(None, mark), description=mark)],
        emails=[f"{mail}@{mail}.org"],
        addresses=[part("Address", street_number="12", street=f"{place} Street", city=place)],
        identifiers=[part("Identifier", type="other", value=note, issuer=note)],
    )  # fmt: skip
    someone["names"].append(part("PersonName", type="alias", full=alias))
    car = vehicle_role(KIND, "v1", model=records.coded(None, model), description=model,
                       plate=plate)  # fmt: skip
    company = records.organisation_role(KIND, "o1")
    company["organisation"] = company["organisation"] | {"name": f"{unit} Ltd"}
    shop = records.location_role(KIND, "l1")
    shop["location"] = shop["location"] | {"name": place}
    return make_record(
        number, people=[person_role(KIND, "p1", person=someone)], vehicles=[car],
        organisations=[company], locations=[shop],
        narrative=f"They spoke of {narrative} and {note}.",
        references=[part("RecordReference", type="case", number=note)], **envelope,
    )  # fmt: skip


def found_of(marks: list[str], content: bytes, parts: tuple[slice, ...]) -> list[str]:
    pieces = {mark[each] for mark in marks for each in parts}
    return sorted(piece for piece in pieces if piece.encode() in content)


WHOLE_TAIL_HEAD = (slice(None), slice(-TAIL, None), slice(None, TAIL))


@pytest.mark.parametrize("status", ["expunged", "sealed", "withdrawn"])
def test_no_byte_of_a_removed_record_is_left(tmp_path: Path, make_record: Any, status: str) -> None:
    chance = random.Random(status)
    path = tmp_path / "records.sqlite"
    index = SqliteIndex(path)
    marks = {f"N-{n}": [canary(chance) for _ in range(11)] for n in range(60)}
    kept = [f"N-{n}" for n in range(0, 60, 3)]
    index.apply([change_of(planted(make_record, n, each)) for n, each in marks.items()],
                {AT: Progress(1, 0)})  # fmt: skip
    every = [mark for each in marks.values() for mark in each]
    settle(index)
    assert len(found_of(every, raw(path), (slice(None),))) > len(every) * 0.9

    gone = [n for n in marks if n not in kept]
    index.apply([change_of(make_record(n, status=status, source_seq=2)) for n in gone],
                {AT: Progress(2, 0)})  # fmt: skip
    settle(index)

    removed = [mark for n in gone for mark in marks[n]]
    assert found_of(removed, raw(path), WHOLE_TAIL_HEAD) == []
    assert not any(mark in word for mark in removed for word in words_left(path))
    assert index.count() == len(kept)
    index.close()
    assert found_of(removed, raw(path), WHOLE_TAIL_HEAD) == []


def test_no_byte_of_what_a_correction_replaced_is_left(tmp_path: Path, make_record: Any) -> None:
    chance = random.Random(3)
    path = tmp_path / "records.sqlite"
    index = SqliteIndex(path)
    before, after = ([canary(chance) for _ in range(11)] for _ in range(2))
    index.apply([change_of(planted(make_record, "N-1", before))], {AT: Progress(1, 0)})
    corrected = planted(make_record, "N-1", after, source_seq=2)
    change = change_of(corrected)._replace(version=99)
    index.apply([change], {AT: Progress(2, 0)})
    settle(index)

    assert found_of(before, raw(path), WHOLE_TAIL_HEAD) == []
    assert found_of(after[:2], raw(path), (slice(None),)) != []
    index.close()


def crowd(count: int, shared: str) -> list[Change[Document]]:
    """Give records whose words share long beginnings, so that many stand between two pages."""
    changes = []
    for number in range(count):
        word = f"{shared}{number:06d}"
        own = f"dp:d kd:arrest {t.RECORD_ROW} no:{word}"
        document = Document(
            number.to_bytes(32, "big"), "arrest", "d", "MA0130100", 0, 0, "", "", NOTHING, word,
            word, _mentions(own, word), (word,),
        )  # fmt: skip
        changes.append(Change(document.record_key, "o", number + 1, document, "d", 0))
    return changes


def _mentions(own: str, word: str) -> tuple[Mention, ...]:
    person_tokens = f"dp:d kd:arrest n:{word} {t.STREET_WORD}{word}tail"
    return (
        Mention(MentionType.RECORD, own, b"{}"),
        Mention(MentionType.PERSON, person_tokens, b"{}"),
    )


def mostly_removed(path: Path, *, in_one_segment: bool) -> tuple[SqliteIndex, list[bytes]]:
    """Give an index of which a third is left, and the words that should be gone."""
    index = SqliteIndex(path)
    changes = crowd(3000, "commonbeginning")
    for start in range(0, len(changes), 250):
        index.apply(changes[start : start + 250], {AT: Progress(start, 0)})
    if in_one_segment:
        for table in FULL_TEXT_TABLES:
            index._connection.execute(f"INSERT INTO {table}({table}) VALUES ('optimize')")
    numbers = [number for number in range(len(changes)) if number % 3]
    gone = [changes[n]._replace(payload=Removal.MARKER, version=9999) for n in numbers]
    index.apply(gone, {AT: Progress(9999, 0)})
    return index, [f"commonbeginning{number:06d}".encode() for number in numbers]


def signposts(path: Path, words: list[bytes]) -> int:
    """Count the words that stand between two pages of the full-text indexes."""
    connection = apsw.Connection(str(path))
    terms = b" ".join(
        term for table in FULL_TEXT_TABLES
        for (term,) in rows(connection, f"SELECT term FROM {table}_idx")
    )  # fmt: skip
    connection.close()
    return sum(word in terms for word in words)


@pytest.mark.parametrize("in_one_segment", [False, True])
def test_words_that_stood_between_two_pages_leave_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_one_segment: bool
) -> None:
    """FTS5 keeps the beginnings of words as signposts between its pages."""
    monkeypatch.setattr(rewriting, "PIECE_PAGES", 2)
    path = tmp_path / "records.sqlite"
    index, gone = mostly_removed(path, in_one_segment=in_one_segment)
    if in_one_segment:
        assert signposts(path, gone) > 0
    assert not index.settle()

    settle(index)

    left = raw(path)
    assert [word for word in gone if word in left] == []
    assert index.count() == 1000
    index.close()
    reader = SqliteSearch(path)
    assert reader.problems() == []
    assert seen_whole(reader).names_like("commonbeginning00001?") == [
        f"commonbeginning0000{n}" for n in (12, 15, 18)
    ]
    reader.close()


def test_erasing_goes_on_after_a_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewriting, "PIECE_PAGES", 2)
    path = tmp_path / "records.sqlite"
    index, gone = mostly_removed(path, in_one_segment=True)
    index.close()  # nothing was erased yet, as if the process had ended here
    assert signposts(path, gone) > 0

    again = SqliteIndex(path)
    settle(again)

    left = raw(path)
    assert [word for word in gone if word in left] == []
    for table in FULL_TEXT_TABLES:  # FTS5 merges by itself again
        width = f"SELECT v FROM {table}_config WHERE k = 'automerge'"
        assert rows(again._connection, width) == [(MERGE_WIDTH,)]
    again.close()


def test_erasing_ends_while_records_keep_coming(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewriting, "PIECE_PAGES", 20)
    path = tmp_path / "records.sqlite"
    index, gone = mostly_removed(path, in_one_segment=False)
    for change in crowd(4000, "commonbeginning")[3000:]:
        index.apply([change], {AT: Progress(change.version, 0)})
        if index.settle():
            break
    else:
        raise AssertionError("erasing never ended")

    left = raw(path)
    assert [word for word in gone if word in left] == []
    index.close()


def test_erasing_ends_while_records_keep_being_corrected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pass takes what left before it began; what leaves meanwhile is for the next one."""
    monkeypatch.setattr(rewriting, "PIECE_PAGES", 5)
    path = tmp_path / "records.sqlite"
    index, gone = mostly_removed(path, in_one_segment=False)
    others = [f"othername{number:06d}" for number in range(1000)]
    calls_until_gone = 0
    for number, change in enumerate(crowd(3000, "commonbeginning")[::3]):
        document = change.payload
        assert isinstance(document, Document)
        payload = document._replace(narrative=others[number])
        corrected = change._replace(version=20_000 + number, payload=payload)
        index.apply([corrected], {AT: Progress(20_000 + number, 0)})
        index.settle()
        calls_until_gone += 1
        if not any(word in raw(path) for word in gone[:3]):
            break

    assert calls_until_gone < 500
    settle(index)
    left = raw(path)
    assert [word for word in gone if word in left] == []
    assert reader_problems(path) == []
    index.close()


def reader_problems(path: Path) -> list[str]:
    reader = SqliteSearch(path)
    found = reader.problems()
    reader.close()
    return found


def test_a_large_index_rests_between_two_passes(
    tmp_path: Path, make_record: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "SMALL_PAGES", 0)
    now = [0.0]

    def monotonic() -> float:
        now[0] += 0.5
        return now[0]

    path = tmp_path / "records.sqlite"
    index = SqliteIndex(path, monotonic=monotonic)
    chance = random.Random(4)
    marks = [canary(chance) for _ in range(3)]
    people = [[person_role(KIND, "p1", person=person(mark, mark))] for mark in marks]
    index.apply(
        [change_of(make_record(f"N-{n}", people=each)) for n, each in enumerate(people)],
        {AT: Progress(1, 0)},
    )
    for number in range(2):
        gone = change_of(make_record(f"N-{number}", status="expunged", source_seq=2))
        index.apply([gone], {AT: Progress(2 + number, 0)})
        settle(index)  # the second time it has nothing to do for now

    assert marks[0].encode() not in raw(path)
    assert marks[1].encode() in raw(path)
    now[0] += erasure.LONGEST_REST_SECONDS
    settle(index)
    assert marks[1].encode() not in raw(path)
    assert marks[2].encode() in raw(path)
    index.close()


def test_what_a_correction_overwrites_leaves_the_log_too(tmp_path: Path, make_record: Any) -> None:
    """What is only shown stands in no full-text index, and yet in the log."""
    path = tmp_path / "records.sqlite"
    index = SqliteIndex(path)
    before = change_of(make_record("N-1"))
    document = before.payload
    assert isinstance(document, Document)
    first, *others = document.mentions
    mark = canary(random.Random(6))
    shown = document._replace(mentions=(first._replace(shown=b'"%b"' % mark.encode()), *others))
    index.apply([before._replace(payload=shown)], {AT: Progress(1, 0)})
    settle(index)
    assert mark.encode() in raw(path)

    index.apply([before._replace(version=before.version + 1)], {AT: Progress(2, 0)})
    settle(index)

    assert mark.encode() not in raw(path)
    index.close()


def test_a_reader_delays_erasing_but_does_not_stop_it(tmp_path: Path, make_record: Any) -> None:
    path = tmp_path / "records.sqlite"
    index = SqliteIndex(path)
    mark = canary(random.Random(5))
    someone = person_role(KIND, "p1", person=person(mark, mark))
    index.apply([change_of(make_record("N-1", people=[someone]))], {AT: Progress(1, 0)})
    reader = apsw.Connection(str(path))
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM record").fetchall()

    removed = change_of(make_record("N-1", status="expunged", source_seq=2))
    index.apply([removed], {AT: Progress(2, 0)})
    assert not index.settle()
    reader.execute("COMMIT")
    settle(index)

    assert mark.encode() not in raw(path)
    reader.close()
    index.close()
