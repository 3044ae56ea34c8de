"""What stands at the end of a month, in numbers that everybody may know (R-43).

Invariant: of a month there is one publication. The first one who asks after its end has it counted,
and it is kept as it was published; whoever asks again gets the same. So no two publications of one
month differ by a few, and nothing of what was counted is kept but what is shown.

The kit imports no service: those who count are entry points, and they read only.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol, cast

import orjson

from recordbus.audit.statistics import Group, Table, published
from recordbus.errors import Misconfigured, Retryable
from recordbus.settings import Settings

GROUP: Final = "recordbus.standing_counts"


class Count(NamedTuple):
    """What somebody counted: how many there are of each group, not yet fit to be published."""

    title: str
    columns: tuple[str, ...]
    counts: Mapping[Group, int]


class Counter(Protocol):
    """Counts on this machine what stands at an instant, and changes nothing."""

    def __call__(self, settings: Settings, at: datetime) -> Iterable[Count]:
        """Count; raises Retryable or Misconfigured where this machine has nothing to count."""


class Standing(NamedTuple):
    """What stood when it was counted; `missing` says what this machine could not count."""

    tables: list[Table]
    counted_at: str = ""
    missing: tuple[str, ...] = ()


def counters() -> dict[str, Counter]:
    """Give those who count, by name."""
    return {point.name: cast(Counter, point.load()) for point in entry_points(group=GROUP)}


def standing(
    settings: Settings, month: str, now: datetime, known: Mapping[str, Counter]
) -> Standing:
    """Give what stood after a month that is over, which was checked before.

    It is counted while the next month lasts; of earlier months there is what was published then,
    or nothing. Where somebody could not count, nothing is kept, so that it is whole another time.
    """
    path = settings.run_directory / "statistics" / f"{month}.json"
    if path.exists():
        return _kept(path)
    if month != f"{now.replace(day=1) - timedelta(days=1):%Y-%m}":
        return Standing([])
    found = _counted(settings, now, known)
    if found.missing:
        return found
    _keep(path, found)
    return _kept(path)


def _counted(settings: Settings, now: datetime, known: Mapping[str, Counter]) -> Standing:
    tables: list[Table] = []
    missing: list[str] = []
    for name, count in sorted(known.items()):
        try:
            tables += [published(*each) for each in count(settings, now)]
        except (Retryable, Misconfigured) as error:
            missing.append(f"{name}: {error}")
    return Standing(tables, f"{now:%Y-%m-%d}", tuple(missing))


def _keep(path: Path, found: Standing) -> None:
    """Keep a publication whole, unless somebody else was first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    tables = [
        {"title": each.title, "columns": each.columns,
         "counts": [[*group, count] for group, count in each.counts.items()]}
        for each in found.tables
    ]  # fmt: skip
    with made.open("wb") as file:
        file.write(orjson.dumps({"counted_at": found.counted_at, "tables": tables}))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(made, path)
    except FileExistsError:
        pass
    finally:
        made.unlink()


def _kept(path: Path) -> Standing:
    try:
        said = orjson.loads(path.read_bytes())
        return Standing([_table(each) for each in said["tables"]], said["counted_at"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Misconfigured(
            f"{path} cannot be read: {type(error).__name__}",
            hint="it is what was published of that month: restore it from the last copy",
        ) from error


def _table(said: Mapping[str, Any]) -> Table:
    counts: dict[Group, int | None] = {tuple(row[:-1]): row[-1] for row in said["counts"]}
    shown = sum(count or 0 for count in counts.values())
    return Table(said["title"], tuple(said["columns"]), counts, shown)
