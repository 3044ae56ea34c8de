"""Text as departments write it, into the plain values of our schemas (pure).

Every converter takes the text of a cell and gives a value, or raises `Unreadable` (or its
children). None of them guesses: what two declared formats read differently is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import NamedTuple, TypeVar

_T = TypeVar("_T")

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DIRECTIVES = {
    "Y": r"(?P<Y>\d{4})",
    "y": r"(?P<y>\d{2})",
    "m": r"(?P<m>\d{1,2})",
    "d": r"(?P<d>\d{1,2})",
    "b": r"(?P<b>[A-Za-z]{3})",
    "H": r"(?P<H>\d{1,2})",
    "I": r"(?P<I>\d{1,2})",
    "M": r"(?P<M>\d{2})",
    "S": r"(?P<S>\d{2})(?:\.\d{1,9})?",
    "p": r"(?P<p>[AaPp][Mm])",
    "z": r"(?P<z>Z|[+-]\d{2}:?\d{2})",
    "%": "%",
}
_FEET_INCHES = re.compile(
    r"([3-8])\s*(?:'|ft|-|\s)\s*(1[01]|0?\d)\s*(?:\"|''|in)?|([3-8])'|([3-8])(0\d|1[01])"
)
_TRUE = frozenset(("true", "t", "yes", "y", "1"))
_FALSE = frozenset(("false", "f", "no", "n", "0"))
_AMOUNT = re.compile(r"\$?\s?([0-9]{1,12})(?:\.([0-9]{1,2}))?")
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?")


class Unreadable(ValueError):
    """A text that is not what its mapping says it is."""

    reason = "unknown_value"


class WrongDate(Unreadable):
    """A date that no declared format reads, or that two of them read differently."""

    reason = "ambiguous_date"


class NotANumber(Unreadable):
    """A text that must be a number and is none."""

    reason = "bad_number"


class DateFormat(NamedTuple):
    """One declared format, ready to match."""

    written: str
    pattern: re.Pattern[str]
    century_pivot: int | None

    @property
    def has_day(self) -> bool:
        """Whether the format names a day, so that it can give an instant."""
        return "d" in self.pattern.groupindex


def date_format(written: str, pivot_year: int | None) -> DateFormat:
    """Prepare a format of %Y %y %m %b %d %H %I %M %S %p %z; ValueError says what is wrong."""
    parts = re.findall(r"%.?|[^%]+", written)
    pieces = [_piece(part, written) for part in parts]
    pattern = "".join(
        piece.replace(r"\d{1,2}", r"\d{2}") if _touches_another(parts, place) else piece
        for place, piece in enumerate(pieces)
    )
    try:
        compiled = re.compile(pattern, re.ASCII)
    except re.error as error:
        raise ValueError(f"date format {written!r} names a part twice") from error
    names = set(compiled.groupindex)
    if not names & {"Y", "y"}:
        raise ValueError(f"date format {written!r} has no year")
    if "y" in names and pivot_year is None:
        raise ValueError(f"date format {written!r} has two-digit years; set pivot_year")
    if ("I" in names) != ("p" in names):
        raise ValueError(f"date format {written!r}: %I and %p belong together")
    if "d" in names and not names & {"m", "b"}:
        raise ValueError(f"date format {written!r} has a day without a month")
    return DateFormat(written, compiled, pivot_year)


def _touches_another(parts: Sequence[str], place: int) -> bool:
    """Say whether no separator keeps this part from the next or the one before: 20240102."""
    near = [*parts[max(place - 1, 0) : place], *parts[place + 1 : place + 2]]
    return any(part.startswith("%") for part in near)


def _piece(part: str, written: str) -> str:
    if not part.startswith("%"):
        return re.escape(part)
    if part[1:] not in _DIRECTIVES:
        known = " ".join(f"%{letter}" for letter in _DIRECTIVES)
        raise ValueError(f"date format {written!r}: {part} is not known; known are {known}")
    return _DIRECTIVES[part[1:]]


def date_reader(formats: Sequence[DateFormat]) -> Callable[[str], str]:
    """Give a converter to an ISO date, or to `YYYY-MM` or `YYYY` where the format says no more."""

    def read(text: str) -> str:
        found = {value for form in formats if (value := _iso(form, text)) is not None}
        return _only(found, formats)

    return read


def instant_reader(formats: Sequence[DateFormat], zone: tzinfo) -> Callable[[str], datetime]:
    """Give a converter to an instant in UTC, local times being in `zone`.

    A time that the end of summer time repeats is taken as the first of the two.
    """

    def read(text: str) -> datetime:
        moments = (_moment(form, text, zone) for form in formats if form.has_day)
        return _only({moment for moment in moments if moment is not None}, formats)

    return read


def _only(found: set[_T], formats: Sequence[DateFormat]) -> _T:
    if len(found) == 1:
        return found.pop()
    names = " or ".join(form.written for form in formats)
    if found:
        raise WrongDate(f"fits {names} with different results")
    raise WrongDate(f"is not written as {names}")


def _iso(form: DateFormat, text: str) -> str | None:
    match = form.pattern.fullmatch(text)
    if match is None:
        return None
    parts = match.groupdict()
    try:
        year, month, day = _year(parts, form), _month(parts), int(parts.get("d") or 1)
        whole = date(year, month or 1, day)
    except ValueError:
        return None
    if month is None:
        return f"{year:04d}"
    return whole.isoformat() if form.has_day else f"{year:04d}-{month:02d}"


def _moment(form: DateFormat, text: str, zone: tzinfo) -> datetime | None:
    match = form.pattern.fullmatch(text)
    if match is None:
        return None
    parts = match.groupdict()
    try:
        return datetime(
            _year(parts, form),
            _month(parts) or 1,
            int(parts["d"]),
            _hour(parts),
            int(parts.get("M") or 0),
            min(int(parts.get("S") or 0), 59),
            tzinfo=_offset(parts.get("z")) or zone,
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _year(parts: dict[str, str | None], form: DateFormat) -> int:
    if full := parts.get("Y"):
        return int(full)
    short = int(parts.get("y") or 0)
    return short + (2000 if short < (form.century_pivot or 0) else 1900)


def _month(parts: dict[str, str | None]) -> int | None:
    if name := parts.get("b"):
        return _MONTHS.index(name.lower()) + 1
    return int(number) if (number := parts.get("m")) else None


def _hour(parts: dict[str, str | None]) -> int:
    if not parts.get("p"):
        return int(parts.get("H") or 0)
    hour = int(parts["I"] or 0)
    if not 1 <= hour <= 12:
        raise ValueError("not an hour of twelve")
    return hour % 12 + (12 if (parts["p"] or "").lower() == "pm" else 0)


def _offset(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    return datetime.fromisoformat(f"2000-01-01T00:00:00{text}").tzinfo


def integer(text: str) -> int:
    """Read a whole number; thousands separators and decimals are not one."""
    if not _INTEGER.fullmatch(text):
        raise NotANumber("is not a whole number")
    return int(text)


def decimal(text: str) -> float:
    """Read a decimal number with a point; exponents, NaN and infinities are refused."""
    if not _DECIMAL.fullmatch(text):
        raise NotANumber("is not a decimal number")
    return float(text)


def boolean(text: str) -> bool:
    """Read true/false, yes/no, y/n, t/f, 1/0 in any case."""
    folded = text.lower()
    if folded in _TRUE:
        return True
    if folded in _FALSE:
        return False
    raise Unreadable("is neither yes nor no")


def feet_inches(text: str) -> str:
    """Read a height such as 5'11", 5-11, 5 ft 11 or 511 into inches."""
    match = _FEET_INCHES.fullmatch(text.lower())
    if match is None:
        raise NotANumber("is not a height in feet and inches")
    feet = match[1] or match[3] or match[4]
    return str(int(feet) * 12 + int(match[2] or match[5] or 0))


def centimetres(text: str) -> str:
    """Read a height in centimetres into whole inches."""
    return str(round(decimal(text) / 2.54))


def kilograms(text: str) -> str:
    """Read a weight in kilograms into whole pounds."""
    return str(round(decimal(text) / 0.45359237))


def digits(text: str) -> str:
    """Keep the digits alone."""
    return "".join(character for character in text if "0" <= character <= "9")


def cents(text: str) -> str:
    """Read an amount such as $1,500.00 into cents."""
    match = _AMOUNT.fullmatch(text.replace(",", ""))
    if match is None:
        raise NotANumber("is not an amount of money")
    return str(int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0")))


def whole_number(text: str) -> str:
    """Read a whole number that may end in `.0`, as spreadsheets write it."""
    return str(integer(text.removesuffix(".0")))


TRANSFORMS: dict[str, Callable[[str], str]] = {
    "upper": str.upper,
    "lower": str.lower,
    "title": str.title,
    "digits": digits,
    "integer": whole_number,
    "feet_inches": feet_inches,
    "centimetres": centimetres,
    "kilograms": kilograms,
    "cents": cents,
}
