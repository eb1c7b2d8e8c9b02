"""What waits between registries, as the entries tell it."""

from __future__ import annotations

import pytest

from registry.kept.index import Index
from registry.records.entry import Entry, Kind
from registry.records.interval import Interval

T = 1_000_000


def entry(seq: int, registry: str, kind: Kind, **fields: object) -> Entry:
    said = {"seq": seq, "at_s": seq, "registry": registry, "kind": kind, "batch": 7, **fields}
    return Entry.model_validate(said)


def crossing() -> list[Entry]:
    """One tonne issued at ICR, sent to EcoRegistry, imported and acknowledged."""
    piece = {"amount_g": T, "intervals": (Interval(0, T),)}
    passage = {"home": "ICR", "export": 5, "number": 1}
    issued = {"project": 1, "account": "Acme", "scope": "S", "vintage": 2024}
    return [
        entry(1, "ICR", Kind.ISSUED, **issued, **piece),
        entry(
            2, "ICR", Kind.EXPORTED, id=5, account="Acme", peer="EcoRegistry", **passage, **piece
        ),
        entry(3, "EcoRegistry", Kind.IMPORTED, scope="S", peer="ICR", **passage, **piece),
        entry(4, "ICR", Kind.EXPORT_ACKNOWLEDGED, id=5, peer="EcoRegistry", number=1, amount_g=T),
    ]


def waiting(entries: list[Entry]) -> list[int]:
    index = Index()
    for each in entries:
        index.fold(each)
    return [message.number for message in index.channels.pending()]


def test_message_waits_until_its_answer_is_back() -> None:
    entries = crossing()
    assert [waiting(entries[:count]) for count in range(5)] == [[], [], [1], [1], []]


@pytest.mark.parametrize(
    ("taking", "answer"),
    [
        (Kind.IMPORTED, Kind.EXPORT_ACKNOWLEDGED),
        (Kind.IMPORT_VOIDED, Kind.EXPORT_COMPENSATED),
    ],
)
def test_message_waits_again_where_what_its_target_did_was_taken_back(
    taking: Kind, answer: Kind
) -> None:
    """A reorganisation of the target's chain, after the source had taken its answer."""
    issued, sent, took, answered = crossing()
    took, answered = (
        each.model_copy(update={"kind": kind})
        for each, kind in ((took, taking), (answered, answer))
    )
    assert waiting([issued, sent, took, answered]) == []
    assert waiting([issued, sent, answered]) == [1]
