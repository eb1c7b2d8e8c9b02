"""Letting a registry's bridge exchange credits with another's."""

from __future__ import annotations

from typing import Any

import pytest

from registry import errors
from registry.records import action as act
from registry.records.entry import Kind
from tests.contracts.stage import (
    BIO,
    ECO,
    ICR,
    WAITING,
    Bridged,
    Rule,
    T,
    broken,
    check,
    not_allowed,
)

OPEN = (ICR, ECO, BIO)


def admit(_: Bridged, **changes: Any) -> act.AdmitPeer:
    return act.AdmitPeer(**{"registry": BIO, "peer": ICR, "allowance_g": 7 * T, **changes})


@pytest.mark.parametrize(
    "rules",
    broken(
        (not_allowed("OPERATOR"), Rule("itself", lambda _: errors.UnknownPeer(BIO), {"peer": BIO}))
    ),
)
def test_admit_peer_refuses_for_the_first_reason(bridged: Bridged, rules: tuple[Rule, ...]) -> None:
    check(bridged, rules, admit)


@pytest.mark.parametrize("where", [{"registry": "Nowhere"}, {"peer": "Nowhere", "by": "Acme"}])
def test_admit_peer_refuses_a_registry_that_is_not_open(
    bridged: Bridged, where: dict[str, str]
) -> None:
    before = bridged.state()
    with pytest.raises(errors.UnknownRegistry) as caught:
        bridged.apply(admit(bridged, **where))
    assert caught.value.registry == "Nowhere"
    assert bridged.state() == before


def test_admit_peer_is_an_entry(bridged: Bridged) -> None:
    expected = bridged.next_entry(Kind.PEER_ADMITTED, registry=BIO, peer=ICR, amount_g=7 * T)
    assert list(bridged.apply(admit(bridged))) == bridged.new_entries() == [expected]


def test_admit_peer_again_changes_the_allowance_and_nothing_else(bridged: Bridged) -> None:
    outstanding_g = bridged.outstanding()
    bridged.apply(act.AdmitPeer(registry=ECO, peer=ICR, allowance_g=outstanding_g + 20 * T - 1))
    assert bridged.outstanding() == outstanding_g
    waiting = act.Import(registry=ECO, message=bridged.message(WAITING))
    bridged.refuses(
        errors.AboveAllowance(ICR, outstanding_g + 20 * T - 1, outstanding_g, 20 * T),
        lambda: bridged.apply(waiting),
    )
    bridged.apply(act.AdmitPeer(registry=ECO, peer=ICR, allowance_g=outstanding_g + 20 * T))
    bridged.apply(waiting)
    assert bridged.outstanding() == outstanding_g + 20 * T


def test_admit_peer_is_for_one_side_only(bridged: Bridged) -> None:
    bridged.apply(admit(bridged, registry=ECO, peer=BIO))
    order = {"registry": ECO, "batch": bridged.eco_batch.batch, "target": BIO}
    bridged.export(**order)
    bridged.refuses(
        errors.UnknownPeer(ECO),
        lambda: bridged.apply(act.Import(registry=BIO, message=bridged.message(6, ECO))),
    )
