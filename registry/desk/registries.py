"""One registry of a world, as a lifecycle script uses it."""

from __future__ import annotations

from registry.desk.bridging import BridgeDesk
from registry.desk.operating import OperatorDesk
from registry.desk.safeguards import SafeguardDesk


class Registry(OperatorDesk, SafeguardDesk, BridgeDesk):
    """One registry of a world; made by `World.registry`.

    Attributes:
        name: The registry's name.
        profile: How it keeps its record.
    """

    def __repr__(self) -> str:
        """Name the registry and its mode."""
        return f"Registry({self.name!r}, {self.profile.mode})"
