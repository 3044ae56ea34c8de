"""R-09: an explainer is found by its name, and its absence is said as what an operator can mend."""

from __future__ import annotations

import pytest

from recordbus import explainers
from recordbus.errors import Misconfigured


def test_a_name_that_nobody_installed_is_said_with_what_to_do() -> None:
    with pytest.raises(Misconfigured, match="no explainer of the name nobody is installed") as told:
        explainers.find("nobody")
    assert told.value.hint
