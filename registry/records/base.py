"""What all records share: frozen, strict, nothing unknown let in."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A frozen fact. Fields are checked when made and cannot change after."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")
