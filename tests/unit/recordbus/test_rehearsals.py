"""A rehearsal is found by its name, and its absence is said as what an operator can mend."""

from __future__ import annotations

import pytest

from recordbus import rehearsals
from recordbus.errors import Misconfigured


def test_a_name_that_nobody_installed_is_said_with_what_to_do() -> None:
    with pytest.raises(Misconfigured, match="no rehearsal of the name nobody is installed") as told:
        rehearsals.find("nobody")
    assert told.value.hint
