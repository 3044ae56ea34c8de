"""Numbers that look real, pass their checks and belong to nobody.

- Telephone: a United States area code with the 555 exchange, where no subscriber has a line. The
  library `phonenumbers` calls them valid. 359 area codes give 3.5 million numbers; past that
  (about 1.7 million people) they repeat.
- SSN: areas 900-999 with groups 01-49. No SSN begins with 9, and taxpayer numbers use groups from
  50 on, so these are given to no one.
- VIN: made-up manufacturer codes with a correct check digit. Plates: three letters, four digits.
Each is a bijection of a running index, so two people never share one by accident.
"""

from __future__ import annotations

from producers.synthetic.draws import data_lines

AREA_CODES = tuple(" ".join(data_lines("area_codes.txt")).split())
_LINES_PER_AREA = 9887
_PLATE_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_PLATES = 23**3 * 10000
_SSN_SERIALS = 9999
_SSNS = 100 * 49 * _SSN_SERIALS
_VIN_VALUES = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", [*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)], strict=True)
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_YEARS = "ABCDEFGHJKLMNPRSTVWXY123456789"
_MOVED_LINES = {1212: 9990, 5555: 9991}  # directory assistance, and a common placeholder
_EXCHANGE_AND_LINE = tuple(
    f"555{_MOVED_LINES.get(line, line):04d}" for line in range(100, 100 + _LINES_PER_AREA)
)


def phone(index: int) -> str:
    """Return the ten digits of telephone number `index` (lines 0100-9999 but for two of them)."""
    area, line = divmod(index, _LINES_PER_AREA)
    return AREA_CODES[area % len(AREA_CODES)] + _EXCHANGE_AND_LINE[line * 3571 % _LINES_PER_AREA]


def ssn(index: int) -> str:
    """Return nine digits of a social security number that was never issued."""
    spread = (index * 7_368_787 + 1_234_567) % _SSNS
    rest, serial = divmod(spread, _SSN_SERIALS)
    area, group = divmod(rest, 49)
    return f"{900 + area}{group + 1:02d}{serial + 1:04d}"


def dashed_ssn(digits: str) -> str:
    """Return an SSN as 900-01-0001; empty stays empty."""
    return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}" if digits else ""


def plate(index: int) -> str:
    """Return licence plate `index`, as LLLDDDD."""
    letters, digits = divmod((index * 51_234_567 + 7_654_321) % _PLATES, 10000)
    first, rest = divmod(letters, 529)
    second, third = divmod(rest, 23)
    pool = _PLATE_LETTERS
    return f"{pool[first]}{pool[second]}{pool[third]}{digits:04d}"


def _vin_value(character: str) -> int:
    return int(character) if character.isdigit() else _VIN_VALUES[character]


def vin_prefix(model: str) -> tuple[str, int]:
    """Return eight leading characters and their weighted sum, for `vin`."""
    return model, sum(_vin_value(c) * w for c, w in zip(model, _VIN_WEIGHTS, strict=False))


_UPPER = tuple(
    (f"{n:03d}", sum(int(c) * w for c, w in zip(f"{n:03d}", (7, 6, 5), strict=True)))
    for n in range(1000)
)
_LOWER = tuple(
    (f"{n:03d}", sum(int(c) * w for c, w in zip(f"{n:03d}", (4, 3, 2), strict=True)))
    for n in range(1000)
)
_YEARS = {
    year: (code, _vin_value(code) * 9)
    for year, code in zip(range(2010, 2040), _VIN_YEARS, strict=True)
} | {
    year: (code, _vin_value(code) * 9)
    for year, code in zip(range(1980, 2010), _VIN_YEARS, strict=True)
}


def vin(prefix: tuple[str, int], year: int, serial: int) -> str:
    """Return a 17-character VIN with a correct check digit; the plant is A-H by serial."""
    head, total = prefix
    year_code, year_sum = _YEARS[year]
    upper, lower = divmod(serial % 1_000_000, 1000)
    plant = serial // 1_000_000 % 8
    upper_text, upper_sum = _UPPER[upper]
    lower_text, lower_sum = _LOWER[lower]
    rest = (total + year_sum + (plant + 1) * 8 + upper_sum + lower_sum) % 11
    check = "X" if rest == 10 else str(rest)
    return f"{head}{check}{year_code}{'ABCDEFGH'[plant]}{upper_text}{lower_text}"
