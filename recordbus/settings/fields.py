"""How a setting is declared: its default, what it means, and a value to copy.

Invariant: neither this nor a group reads the environment or a file; every field is documented, and
every secret is a SecretStr, so that printing a group never shows one.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Port = Annotated[int, Field(ge=0, le=65535)]


def setting(default: Any, description: str, *, example: str, **limits: Any) -> Any:
    """Declare one setting: its default, what it means, and a value an operator may copy."""
    return Field(default, description=description, examples=[example], **limits)


class Group(BaseModel):
    """Settings that belong together; unknown names are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)
