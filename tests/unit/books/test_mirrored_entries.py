"""The mirror gives back every entry as it was."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from registry.books import tables
from registry.books.mirror import Mirror
from registry.books.store import Identity, Store
from registry.records.block import Block
from registry.records.claim import Claim
from registry.records.entry import Entry, Kind, digest
from registry.records.interval import Interval

FIELDS: dict[str, Any] = {
    "project": 2**63 - 1,
    "batch": 2**127 | 2**190,
    "id": 2**256 - 1,
    "account": "Öl & Söhne",
    "counterparty": "Bank",
    "amount_g": 2**63 - 1,
    "intervals": (Interval(0, 2), Interval(2**63 - 5, 2**63 - 2)),
    "scope": "CDC_1",
    "vintage": 2024,
    "statement": "0x1",
    "report": "0x2",
    "period": (1, 2),
    "root": "0x3",
    "version": 1,
    "deadline_s": 2**63 - 1,
    "claim": Claim(beneficiary="Acme", purpose="voluntary"),
    "text": "mirror",
    "chain": 2,
    "peer": "EcoRegistry",
    "home": "S&P",
    "export": 2**256 - 2,
    "number": 2**63 - 1,
}


def test_every_field_of_an_entry_is_tried() -> None:
    assert {"seq", "at_s", "registry", "kind", *FIELDS} == Entry.model_fields.keys()


@pytest.mark.parametrize("kind", list(Kind))
def test_append_keeps_every_field(kind: Kind) -> None:
    whole = Entry(seq=1, at_s=9, registry="ICR", kind=kind, **FIELDS)
    bare = Entry(seq=2, at_s=9, registry="ICR", kind=kind)
    block = Block(1, "0xb", "0xa", 9, (whole, bare), ())
    with closing(Store.open(":memory:", tables.MIRROR, Identity("mirror", "a world"))) as store:
        mirror = Mirror(store)
        mirror.append([block])
        assert list(mirror.blocks()) == [block]
        assert mirror.digest() == digest((whole, bare))
