"""Addresses of nodes, and how much of them is shown."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit


def parsed(url: str) -> SplitResult | None:
    """Take the address of a node apart; None where it is none."""
    try:
        parts = urlsplit(url)
        # Asking for the port is what finds out whether it can be one.
        is_address = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return parts if is_address else None


def shown_url(url: str) -> str:
    """Return an address without user and password.

    Of what is no address nobody knows where a password ends: all up to its last "@" is left out.
    """
    parts = parsed(url)
    if parts is None:
        _, at, rest = url.rpartition("@")
        return f"...{at}{rest}" if at else url
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
