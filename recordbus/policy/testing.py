"""Policies without files and signatures, for tests and for showing things."""

from __future__ import annotations

from recordbus.policy.policies import Policies
from recordbus.policy.read import read_agreement


def policies_of(*texts: str) -> Policies:
    """Give the policies of agreements in these texts; raises AgreementInvalid."""
    read = (read_agreement(text.encode(), name=f"agreement-{at}") for at, text in enumerate(texts))
    return Policies(each.agreement for each in read)
