"""What people look like: drawn from tables that depend on each other the way looks do.

Values are our own codes (NCIC, NIBRS, N-DEx); each department writes them in its own words.
"""

from __future__ import annotations

from producers.synthetic.draws import Uniform, weighted_table

RACE_BY_ORIGIN = {
    "anglo": weighted_table([("W", 76.0), ("B", 20.0), ("I", 2.0), ("U", 2.0)], 100),
    "hispanic": weighted_table([("W", 80.0), ("B", 7.0), ("I", 6.0), ("U", 7.0)], 100),
    "eastasian": weighted_table([("A", 98.0), ("U", 2.0)], 100),
    "vietnamese": weighted_table([("A", 98.0), ("U", 2.0)], 100),
    "southasian": weighted_table([("A", 97.0), ("U", 3.0)], 100),
    "arabic": weighted_table([("W", 92.0), ("U", 8.0)], 100),
    "westafrican": weighted_table([("B", 100.0)], 100),
    "slavic": weighted_table([("W", 99.0), ("U", 1.0)], 100),
    "portuguese": weighted_table([("W", 84.0), ("B", 14.0), ("P", 2.0)], 100),
}
_DARK_HAIR = weighted_table([("BLK", 80.0), ("BRO", 19.0), ("RED", 1.0)], 100)
_FAIR_HAIR = weighted_table(
    [("BRO", 52.0), ("BLN", 24.0), ("BLK", 14.0), ("RED", 6.0), ("SDY", 4.0)], 100
)
_OLD_HAIR = weighted_table([("GRY", 60.0), ("WHI", 18.0), ("BRO", 14.0), ("BLD", 8.0)], 100)
_DYED = ("BLU", "PNK", "PLE", "GRN", "ONG", "XXX")
_DARK_EYES = weighted_table([("BRO", 93.0), ("BLK", 3.0), ("HAZ", 4.0)], 100)
_FAIR_EYES = weighted_table(
    [("BRO", 40.0), ("BLU", 30.0), ("HAZ", 15.0), ("GRN", 12.0), ("GRY", 2.0), ("MUL", 1.0)], 100
)
_COMPLEXIONS = {
    "W": weighted_table(
        [("FAR", 40.0), ("LGT", 30.0), ("MED", 18.0), ("RUD", 6.0), ("OLV", 6.0)], 100
    ),
    "B": weighted_table([("DBR", 45.0), ("MBR", 30.0), ("DRK", 13.0), ("LBR", 12.0)], 100),
    "A": weighted_table([("LGT", 40.0), ("MED", 40.0), ("OLV", 20.0)], 100),
    "I": weighted_table([("MBR", 50.0), ("LBR", 30.0), ("RUD", 20.0)], 100),
    "P": weighted_table([("MBR", 60.0), ("LBR", 40.0)], 100),
    "U": weighted_table([("MED", 50.0), ("OLV", 30.0), ("LBR", 20.0)], 100),
}
_ABROAD = {
    "anglo": ("CAN", "GBR", "IRL", "JAM"),
    "hispanic": ("MEX", "DOM", "SLV", "GTM", "COL", "HND"),
    "eastasian": ("CHN", "KOR", "JPN", "TWN"),
    "vietnamese": ("VNM",),
    "southasian": ("IND", "PAK", "BGD", "NPL"),
    "arabic": ("IRQ", "SYR", "EGY", "LBN", "SOM"),
    "westafrican": ("NGA", "GHA", "SEN", "CPV"),
    "slavic": ("UKR", "POL", "RUS"),
    "portuguese": ("PRT", "BRA", "CPV"),
}
_ABROAD_SHARE = {"anglo": 0.03, "hispanic": 0.38}
MARKS: tuple[tuple[str, str], ...] = (
    ("TAT L ARM", "anchor"),
    ("TAT R ARM", "rose and name of a child"),
    ("TAT NECK", "sparrow"),
    ("TAT CHEST", "compass, eagle"),
    ("TAT BACK", "wings"),
    ("TAT L HND", "three dots"),
    ("TAT R WRS", "date in Roman numerals"),
    ("TAT L LEG", "koi fish"),
    ("SC R HND", '2" scar'),
    ("SC L CHK", "thin scar"),
    ("SC FHD", "above the brow"),
    ("SC ABDOM", "surgical"),
    ("SC R KNEE", ""),
    ("MOLE L CHK", ""),
    ("PRCD EAR", "both"),
    ("PRCD NOSE", "stud"),
    ("GOLD TOOTH", "upper left"),
)
_DARK_HAIRED = frozenset("BAIPU")


def hair_colour(race: str, age: int, u: float) -> str:
    """Return a hair colour; people over 55 grey, a few under 35 dye."""
    if age > 55 and u < 0.75:
        return _OLD_HAIR[int(u / 0.75 * 100)]
    if age < 35 and u > 0.985:
        return _DYED[int((u - 0.985) / 0.015 * 6) % 6]
    return (_DARK_HAIR if race in _DARK_HAIRED else _FAIR_HAIR)[int(u * 100)]


def eye_colour(race: str, u: float) -> str:
    """Return an eye colour."""
    return (_DARK_EYES if race in _DARK_HAIRED else _FAIR_EYES)[int(u * 100)]


def complexion(race: str, u: float) -> str:
    """Return a skin tone."""
    return _COMPLEXIONS[race][int(u * 100)]


def height_inches(sex: str, age: int, u: float, v: float) -> int:
    """Return a height; the mean of two draws is near enough to a bell."""
    adult = (70 if sex == "M" else 64.5) + (u + v - 1.0) * 8.5
    return int(adult if age >= 17 else adult * (0.42 + age * 0.034))


def weight_pounds(height: int, age: int, u: float) -> int:
    """Return a weight from height and a drawn body-mass index of 18-38 (13-22 for children)."""
    index = 18.0 + u * u * 20.0 if age >= 17 else 14.0 + u * 8.0
    return int(index * height * height / 703.0)


def build_of(height: int, weight: int, muscular: bool) -> str:
    """Return the build (N-DEx) that fits the body-mass index."""
    index = 703.0 * weight / (height * height)
    if muscular and index > 23.0:
        return "MUSCULAR"
    for limit, build in ((19.5, "THIN"), (21.5, "SLIM"), (26.0, "MEDIUM"), (29.0, "STOCKY")):
        if index < limit:
            return build
    return "HEAVY" if index < 34.0 else "OBESE"


def birth_country(origin: str, u: float) -> str:
    """Return a country of birth (GENC alpha-3)."""
    share = _ABROAD_SHARE.get(origin, 0.45)
    if u >= share:
        return "USA"
    choices = _ABROAD[origin]
    return choices[int(u / share * len(choices)) % len(choices)]


def marks(uniform: Uniform, adult: bool) -> tuple[tuple[str, str], ...]:
    """Return up to three marks as (SMT code, description); three adults in four have none."""
    u = uniform()
    if not adult or u > 0.27:
        return ()
    first = MARKS[int(u / 0.27 * len(MARKS)) % len(MARKS)]
    if u > 0.08:
        return (first,)
    other = MARKS[int(uniform() * len(MARKS))]
    return (first,) if other == first else (first, other)
