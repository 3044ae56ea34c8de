"""The formal given name behind a nickname, so that BILL and WILLIAM can meet (pure).

The invariant: a canonical name is its own canonical name. The `nicknames` list names several
formal names for one nickname; one is chosen by a fixed rule, so every process agrees.
"""

from __future__ import annotations

from functools import cache, lru_cache

from nicknames import NickNamer

from recordbus.normalize.text import CACHE_SIZE

# Where the list is ambiguous and one formal name is by far the usual one.
_USUAL = {
    "AL": "ALBERT", "ALEX": "ALEXANDER", "ANDY": "ANDREW", "ART": "ARTHUR", "BARB": "BARBARA",
    "BECKY": "REBECCA", "BEN": "BENJAMIN", "BERT": "ALBERT", "BESS": "ELIZABETH",
    "BETH": "ELIZABETH", "BETTY": "ELIZABETH", "BILL": "WILLIAM", "BILLY": "WILLIAM",
    "BOB": "ROBERT", "BOBBY": "ROBERT", "CATHY": "CATHERINE", "CHARLIE": "CHARLES",
    "CHRIS": "CHRISTOPHER", "CHUCK": "CHARLES", "CINDY": "CYNTHIA", "DAN": "DANIEL",
    "DANNY": "DANIEL", "DAVE": "DAVID", "DEB": "DEBORAH", "DEBBIE": "DEBORAH", "DICK": "RICHARD",
    "DON": "DONALD", "DOUG": "DOUGLAS", "ED": "EDWARD", "EDDIE": "EDWARD", "FRAN": "FRANCES",
    "FRANK": "FRANCIS", "FRED": "FREDERICK", "GABE": "GABRIEL", "GENE": "EUGENE",
    "GREG": "GREGORY", "HANK": "HENRY", "HARRY": "HENRY", "JACK": "JOHN", "JAKE": "JACOB",
    "JEFF": "JEFFREY", "JEN": "JENNIFER", "JENNY": "JENNIFER", "JERRY": "GERALD",
    "JESS": "JESSICA", "JIM": "JAMES", "JIMMY": "JAMES", "JOE": "JOSEPH", "JOEY": "JOSEPH",
    "JOHNNY": "JOHN", "JON": "JONATHAN", "KATE": "KATHERINE", "KATHY": "KATHERINE",
    "KATIE": "KATHERINE", "KEN": "KENNETH", "KENNY": "KENNETH", "KIM": "KIMBERLY",
    "LARRY": "LAWRENCE", "LARS": "LARS", "LIZ": "ELIZABETH", "LOU": "LOUIS", "MAGGIE": "MARGARET",
    "MANDY": "AMANDA", "MATT": "MATTHEW", "MEG": "MARGARET", "MIKE": "MICHAEL",
    "MITCH": "MITCHELL", "NATE": "NATHANIEL", "NICK": "NICHOLAS", "PAM": "PAMELA",
    "PAT": "PATRICK", "PATTY": "PATRICIA", "PEGGY": "MARGARET", "PETE": "PETER", "PHIL": "PHILIP",
    "RAY": "RAYMOND", "RICK": "RICHARD", "RICKY": "RICHARD", "ROB": "ROBERT", "RON": "RONALD",
    "RONNIE": "RONALD", "SAM": "SAMUEL", "SANDY": "SANDRA", "STEVE": "STEVEN", "SUE": "SUSAN",
    "TED": "EDWARD", "TERRY": "TERENCE", "TIM": "TIMOTHY", "TINA": "CHRISTINA", "TOM": "THOMAS",
    "TOMMY": "THOMAS", "TONY": "ANTHONY", "VICKY": "VICTORIA", "WILL": "WILLIAM",
    "ZACH": "ZACHARY",
}  # fmt: skip
_FORMAL = frozenset(_USUAL.values())
_FORMAL_FROM = 3
"""The list knows a few odd nicknames of nicknames; a formal name has at least this many."""


@cache
def _names() -> NickNamer:
    return NickNamer()


def _nicknames(name: str) -> int:
    return len(_names().nicknames_of(name))


def _rank(name: str) -> tuple[int, str]:
    """Rank formal names: the one with most nicknames first, then by spelling."""
    return (-_nicknames(name), name)


def _formal_of(name: str) -> str | None:
    """Give the formal name that a name in small letters clearly is short for, if there is one.

    The list also calls ANN a nickname of CHRISTIANA; without the same initial it is not believed.
    """
    known = _names().canonicals_of(name)
    formal = [c for c in known if c[0] == name[0] and _nicknames(c) >= _FORMAL_FROM]
    return min(formal, key=_rank) if formal else None


@lru_cache(maxsize=CACHE_SIZE)
def canonical(folded: str) -> str:
    """Give the formal name of a folded given name, or the name itself when it is formal."""
    if not folded or folded in _USUAL:
        return _USUAL.get(folded, folded)
    if folded in _FORMAL or _nicknames(folded.lower()) >= _FORMAL_FROM:
        return folded
    formal = _formal_of(folded.lower())
    return folded if formal is None else _USUAL.get(formal.upper(), formal.upper())
