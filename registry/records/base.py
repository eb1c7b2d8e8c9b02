"""What all records share: frozen, strict, nothing unknown let in."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A frozen fact. Fields are checked when made and cannot change after."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    def model_post_init(self, _: object) -> None:
        """Forget which fields were given and which took their default: the facts are the same.

        A set of them beside each record was a third of the memory of a world that lives long.
        """
        object.__setattr__(self, "__pydantic_fields_set__", _GIVEN)


_GIVEN: Final[set[str]] = set()
"""Shared by all records. Nothing adds to it: records are frozen, and a copy has its own."""
