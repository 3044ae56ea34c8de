"""Households that several registers know: the sample of `pseudopeople` as files to resolve.

    python -m bench.resolution.households FOLDER [--seed N]      (in the environment of `train`)

Some 53,000 rows about one small made-up town under the package's default noise: census, two
surveys, a food programme, two tax forms, social security. Families share surname and address,
which is what makes them hard; the truth is the simulated person's number.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

_HOME: Final = {
    "street_number": "street_number",
    "street_name": "street_name",
    "unit_number": "unit",
    "city": "city",
    "state": "state",
    "zipcode": "postal_code",
}
_NAME: Final = {
    "first_name": "given_name",
    "middle_initial": "middle_name",
    "middle_name": "middle_name",
    "last_name": "surname",
}
_OURS: Final = {
    **_NAME,
    **_HOME,
    **{f"mailing_address_{theirs}": ours for theirs, ours in _HOME.items()},
    "date_of_birth": "date_of_birth",
    "sex": "sex",
    "ssn": "ssn",
}
_COLUMNS: Final = ("record_id", *dict.fromkeys(_OURS.values()))
_SOURCES: Final = {
    "census": ("generate_decennial_census", 0),
    "recount": ("generate_decennial_census", 1),
    "community": ("generate_american_community_survey", 0),
    "population": ("generate_current_population_survey", 0),
    "food": ("generate_women_infants_and_children", 0),
    "employers": ("generate_taxes_w2_and_1099", 0),
    "tax": ("generate_taxes_1040", 0),
    "security": ("generate_social_security", 0),
}
"""Sources with the function that makes them, and what is added to the seed: the town is counted
twice, with errors of its own each time, as two departments would hold it."""
HOUSEHOLD_SOURCES: Final = ("census", "recount", "community", "population", "food")
OTHER_SOURCES: Final = ("employers", "tax", "security")
"""The first know date of birth and address. The others know a number and an address, or a number
and a date of birth; across, nothing but a name agrees and a second thing that a household shares.
"""
_DATES: Final = {
    "security": r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)",
    "food": r"(?P<m>\d\d)(?P<d>\d\d)(?P<y>\d{4})",
}
_DATE: Final = r"(?P<m>\d\d)/(?P<d>\d\d)/(?P<y>\d{4})"


def write_households(folder: Path, generate: Callable[[str, int], Any]) -> None:
    """Write a file of people per source and one truth; `generate` gives a source's data frame."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "truth.csv").open("w", newline="") as who:
        tell = csv.writer(who).writerow
        tell(("source", "record_id", "true_id"))
        for source, (function, seed) in _SOURCES.items():
            records = generate(function, seed).astype(object).to_dict("records")
            with (folder / f"{source}.csv").open("w", newline="") as out:
                writer = csv.DictWriter(out, _COLUMNS)
                writer.writeheader()
                for number, record in enumerate(records):
                    writer.writerow({"record_id": number, **_row(source, record)})
                    tell((source, number, record["simulant_id"]))


def _row(source: str, record: Mapping[str, Any]) -> dict[str, str]:
    row = dict(_cells(record))
    if "date_of_birth" in row:
        row["date_of_birth"] = _iso(row["date_of_birth"], _DATES.get(source, _DATE))
    return row


def _cells(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for theirs, ours in _OURS.items():
        value = record.get(theirs)
        if isinstance(value, str) and value:
            yield ours, value


def _iso(text: str, form: str) -> str:
    """Put a date in order; one that noise has bent out of its form stays as it is."""
    match = re.fullmatch(form, text)
    return f"{match['y']}-{match['m']}-{match['d']}" if match else text


def main() -> None:
    """Write the sample to the folder that was named."""
    import pseudopeople  # type: ignore[import-not-found]

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    write_households(
        options.folder, lambda name, more: getattr(pseudopeople, name)(seed=options.seed + more)
    )
    sys.stdout.write(f"{options.folder}\n")


if __name__ == "__main__":
    main()
