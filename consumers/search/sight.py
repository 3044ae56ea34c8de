"""What somebody sees of an index: records in full, without what is masked, or by pointer (pure).

Invariant: what is in no view is not there. An engine answers for a sight and for nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from consumers.search import visible
from consumers.search.document import MentionType
from consumers.search.plan import Column
from recordbus.policy.decision import Decision


@dataclass(frozen=True, slots=True)
class View:
    """Records of some classes that are seen alike.

    `masked` are paths in records that reach nobody through it. A pointer tells of a record nothing
    but whom to ask, and is found by who or what the record is about.
    """

    classes: frozenset[int]
    masked: frozenset[str] = frozenset()
    is_pointer: bool = False

    @property
    def is_whole(self) -> bool:
        """Tell whether everything in its records may be asked and shown."""
        return not self.masked and not self.is_pointer

    def sees(self, token: str, kind: MentionType) -> bool:
        """Tell whether a token may be asked of a row of this kind."""
        prefix = token[: token.find(":") + 1]
        if self.is_pointer:
            return prefix in visible.POINTED_AT_BY or prefix in visible.COMMON
        return visible.sees_token(self.masked, prefix, kind)

    def sees_column(self, column: Column) -> bool:
        """Tell whether a range may be asked for."""
        return not self.is_pointer and visible.sees_column(self.masked, column)

    def sees_rows(self, kind: MentionType) -> bool:
        """Tell whether rows of this kind may be known at all."""
        return visible.sees_rows(self.masked, kind)

    @property
    def sees_narrative(self) -> bool:
        """Tell whether the words of the narrative may be asked for."""
        return not self.is_pointer and visible.NARRATIVE not in self.masked

    @property
    def sees_relations(self) -> bool:
        """Tell whether bases and grades may be asked and shown."""
        return not self.is_pointer and visible.sees_relations(self.masked)


@dataclass(frozen=True, slots=True)
class Sight:
    """All that a request may have of an index.

    `views` show records, `pointers` point at their owners. `decisions` are kept by the text of
    what they are about, those that hide left out.
    """

    views: tuple[View, ...] = ()
    pointers: View | None = None
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    policy_version: str = ""

    @property
    def shown(self) -> frozenset[int]:
        """Give the classes of which something is shown."""
        return frozenset().union(*(view.classes for view in self.views))

    def view_of(self, class_id: int) -> View | None:
        """Give the view that shows records of a class, None when none does."""
        return next((view for view in self.views if class_id in view.classes), None)


def everything(classes: Mapping[int, str]) -> Sight:
    """Give the sight that sees all of an index; for those who keep it, never for an answer."""
    decisions = dict.fromkeys(classes.values(), Decision("full"))
    return Sight((View(frozenset(classes)),), None, decisions)
