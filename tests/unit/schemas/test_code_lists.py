"""Code lists (requirements H): complete where they must be, named by their source, usable."""

from __future__ import annotations

import pytest

from schemas import catalog, code_lists
from schemas.code_lists import MarkParts
from schemas.errors import CatalogError

# Requirements H, written a second time by hand.
NAMED = {
    "hair_colour": "BLD BLK BLN BLU BRO GRN GRY ONG PLE PNK RED SDY WHI XXX",
    "eye_colour": "BLK BLU BRO GRN GRY HAZ MAR MUL PNK XXX",
    "complexion": "ALB BLK DBR DRK FAR LBR LGT MBR MED OLV RUD SAL",
    "race": "W B I A P U",
    "ethnicity": "H N U",
    "sex": "F M X U",
    "build": "AVERAGE HEAVY LARGE MEDIUM MUSCULAR OBESE SLIM SMALL STOCKY THIN UNKNOWN",
    "vehicle_colour": "BLK BLU LBL DBL BRO BRZ GLD GRN LGR DGR GRY MAR ONG PLE RED SIL TAN TEA TPE "
    "TRQ WHI YEL MUL",
    "vehicle_style": "2D 4D 2H 4H CP CV SW PK VN LL MC",
    "vehicle_make": "FORD CHEV TOYT HOND NISS DODG JEEP MERZ VOLK TESL",
    "offence": "09A 120 13A 220 23A 23B 23C 23D 23E 23F 23G 23H 240 35A 520 90A 90B 90C 90D 90E "
    "90F 90G 90H 90J",
    "arrest_type": "O S T",
    "state": "MA ON NE NB PR DC QC",
    "country": "USA CAN MEX CPV XKS GBR",
}
EXACT = {"hair_colour", "eye_colour", "complexion", "race", "ethnicity", "sex", "arrest_type"}


@pytest.mark.parametrize("name", NAMED)
def test_a_list_has_the_codes_of_the_requirements(name: str) -> None:
    codes = set(catalog.code_list(name).codes)
    assert set(NAMED[name].split()) <= codes
    if name in EXACT:
        assert set(NAMED[name].split()) == codes


@pytest.mark.parametrize("name", catalog.code_list_names())
def test_a_list_names_its_source_and_labels_its_codes(name: str) -> None:
    listed = catalog.code_list(name)
    assert listed.name == name
    assert listed.title
    assert listed.source
    assert listed.codes
    for code, label in listed.codes.items():
        assert code == code.strip()
        assert label == label.strip() != ""
        assert code in listed
        assert listed.label(code) == label


@pytest.mark.parametrize(
    ("name", "least"),
    [("vehicle_make", 60), ("offence", 70), ("country", 250), ("state", 70), ("mark", 300)],
)
def test_the_long_lists_are_long(name: str, least: int) -> None:
    assert len(catalog.code_list(name).codes) >= least


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        ("TAT L ARM", MarkParts("TAT", "L", "ARM")),
        ("TAT UL ARM", MarkParts("TAT", "L", "UPPER_ARM")),
        ("TAT RF ARM", MarkParts("TAT", "R", "FOREARM")),
        ("SC R HND", MarkParts("SC", "R", "HND")),
        ("TAT NECK", MarkParts("TAT", None, "NECK")),
        ("MOLE L CHK", MarkParts("MOLE", "L", "CHK")),
        ("PRCD EAR", MarkParts("PRCD", None, "EAR")),
        ("GOLD TOOTH", MarkParts("TOOTH", None, "TOOTH")),
    ],
)
def test_a_mark_falls_into_its_parts(code: str, parts: MarkParts) -> None:
    assert catalog.mark_parts()[code] == parts
    assert code in catalog.code_list("mark")


def test_marks_that_make_no_sense_are_no_codes() -> None:
    codes = catalog.code_list("mark").codes
    for code in ("TAT L NECK", "NM FACE", "TAT FOREARM", "MISS L CHEST", "L ARM", "TAT"):
        assert code not in codes
    assert set(catalog.mark_parts()) == set(codes)
    assert codes["SC L ARM"] == "scar, left arm"


@pytest.mark.parametrize(
    ("name", "enum"),
    [
        ("contact_basis", "ContactBasis"),
        ("subject_category", "SubjectCategory"),
        ("dissemination_level", "DisseminationLevel"),
        ("disposition_outcome", "DispositionOutcome"),
    ],
)
def test_a_list_that_is_also_an_enum_says_the_same(name: str, enum: str) -> None:
    assert tuple(catalog.code_list(name).codes) == catalog.enum_symbols(f"recordbus.v1.{enum}")


def test_the_purposes_that_need_an_agreement_are_listed() -> None:
    """R-29."""
    named = {"immigration_enforcement", "employment", "housing", "public_release"}
    assert named <= set(catalog.code_list("purpose").codes)


def test_an_unknown_list_or_code_is_named() -> None:
    with pytest.raises(CatalogError, match=r"codes/shoe_size\.yaml"):
        catalog.code_list("shoe_size")
    with pytest.raises(CatalogError, match="'XYZ' is not in the code list sex"):
        catalog.code_list("sex").label("XYZ")


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ({"list": "other", "codes": {}}, "is called other inside"),
        ({"list": "sex", "codes": {120: "Number"}}, "needs quotes"),
        ({"list": "sex", "codes": {"F": None}}, "needs quotes or a label"),
    ],
)
def test_a_malformed_list_is_refused(
    monkeypatch: pytest.MonkeyPatch, data: dict[str, object], fault: str
) -> None:
    monkeypatch.setattr(code_lists, "read_yaml", lambda path: data)
    with pytest.raises(CatalogError, match=fault):
        code_lists.code_list.__wrapped__("sex")
