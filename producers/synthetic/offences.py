"""Offences of the fictional county: NIBRS code, words, statute, severity, weight."""

from __future__ import annotations

from typing import NamedTuple

from producers.synthetic.draws import weighted_table


class OffenceKind(NamedTuple):
    """An offence; `severity` is F (felony) or M, `against` a person, a place or the state."""

    code: str
    words: str
    statute: str
    severity: str
    against: str


_WEIGHTED = [
    (OffenceKind("13B", "Simple assault", "17-207", "M", "person"), 14.0),
    (OffenceKind("13A", "Aggravated assault", "17-208", "F", "person"), 6.0),
    (OffenceKind("13C", "Criminal threatening", "17-209", "M", "person"), 5.0),
    (OffenceKind("120", "Robbery", "17-651", "F", "person"), 3.0),
    (OffenceKind("220", "Burglary", "17-401", "F", "place"), 8.0),
    (OffenceKind("23C", "Shoplifting", "17-353A", "M", "place"), 10.0),
    (OffenceKind("23D", "Theft from building", "17-353B", "M", "place"), 6.0),
    (OffenceKind("23F", "Theft from motor vehicle", "17-353C", "M", "person"), 9.0),
    (OffenceKind("23H", "Theft, other", "17-353", "M", "person"), 6.0),
    (OffenceKind("240", "Motor vehicle theft", "17-360", "F", "person"), 5.0),
    (OffenceKind("250", "Forgery", "17-703", "F", "person"), 2.0),
    (OffenceKind("26A", "Theft by deception", "17-354", "M", "person"), 5.0),
    (OffenceKind("280", "Receiving stolen property", "17-359", "M", "state"), 2.0),
    (OffenceKind("290", "Criminal mischief", "17-806", "M", "place"), 9.0),
    (OffenceKind("35A", "Unlawful possession of drugs", "17-1107", "F", "state"), 8.0),
    (OffenceKind("35B", "Drug paraphernalia", "17-1111", "M", "state"), 3.0),
    (OffenceKind("520", "Carrying a concealed weapon", "25-2001", "M", "state"), 3.0),
    (OffenceKind("90C", "Disorderly conduct", "17-501", "M", "state"), 7.0),
    (OffenceKind("90D", "Operating under the influence", "29-2411", "M", "state"), 8.0),
    (OffenceKind("90J", "Criminal trespass", "17-402", "M", "place"), 6.0),
]
OFFENCES = tuple(kind for kind, _ in _WEIGHTED)
OFFENCE_TABLE = weighted_table(_WEIGHTED, 250)
BY_CODE = {kind.code: kind for kind in OFFENCES}
VIOLATIONS = weighted_table(
    [
        (("Speeding 1-14 over", 11900), 30.0),
        (("Speeding 15-29 over", 18600), 20.0),
        (("Failure to stop at a red light", 16400), 12.0),
        (("Failure to stop at a stop sign", 13400), 11.0),
        (("Handheld telephone while driving", 8500), 10.0),
        (("Expired registration", 7000), 8.0),
        (("Operating without a licence", 31000), 4.0),
        (("Following too closely", 13100), 3.0),
        (("Defective equipment", 7000), 2.0),
    ],
    100,
)
CALL_TYPES = weighted_table(
    [
        ("Disturbance", 16.0), ("Alarm", 12.0), ("Suspicious person", 11.0),
        ("Suspicious vehicle", 7.0), ("Welfare check", 12.0), ("Noise complaint", 9.0),
        ("Traffic crash", 12.0), ("Medical assist", 8.0), ("Trespass", 5.0),
        ("Shots heard", 1.0), ("Animal complaint", 4.0), ("Found property", 3.0),
    ],
    100,
)  # fmt: skip
