"""What the demo takes from the lines that an agency's receiver printed."""

from __future__ import annotations

from recordbus.local.demo.feed import records_held

LINES = """\
  04:48:15  + new         record fe967c96dbdf  field_contact FC1 of harbor-city-pd: Stewart, Kelly (contact)
  04:48:15  + new         association 9bd8264190a1  subject_of on arrest (fact) of millbrook-pd
  04:48:16  + new         record fed6543848f4  arrest M26A1 of millbrook-pd: WU, MIN-HO (arrestee)
  04:49:00  ~ changed     record fed6543848f4  arrest M26A1 of millbrook-pd; its owner corrected it
  04:49:01  - taken back  record fe967c96dbdf  the record was expunged; delete what you hold of it
""".splitlines()  # noqa: E501


def test_what_was_told_as_new_is_held_until_it_is_taken_back() -> None:
    assert records_held(LINES[:3]) == [
        ("harbor-city-pd", "field_contact", "FC1"), ("millbrook-pd", "arrest", "M26A1"),
    ]  # fmt: skip
    assert records_held(LINES) == [("millbrook-pd", "arrest", "M26A1")]
    assert records_held([]) == []
