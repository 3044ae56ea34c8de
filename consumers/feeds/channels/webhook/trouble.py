"""What can go wrong between us and an endpoint before there is an answer."""

from __future__ import annotations


class Trouble(Exception):
    """An attempt that failed; `code` is from a closed list, the text is for people."""

    def __init__(self, code: str, says: str) -> None:
        super().__init__(says)
        self.code = code
