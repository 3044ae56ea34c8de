"""The one error of this package: a catalogue that cannot be read or does not know a name.

`schemas` stands below everything else, so it has an error of its own instead of the bus's tree.
"""

from __future__ import annotations


class CatalogError(ValueError):
    """A schema, topic, rule or code list is unknown or malformed; the message names it."""
