"""Verifiers' statements: signed, independent, one report and one period each."""

from __future__ import annotations

from typing import Any

import pytest

from registry import errors
from registry.chain.artifacts import artifact
from registry.chain.engine import Call
from registry.records import action as act
from registry.records.entry import Kind
from registry.records.project import period_days, report_hash, statement_id
from registry.records.result import Statement
from registry.units import AMOUNT_MAX_G
from tests.contracts.stage import (
    ECO,
    ICR,
    STRANGER,
    ZERO,
    Rule,
    Stage,
    T,
    broken,
    check,
)

START, END = period_days(2023)
YEAR_2024 = period_days(2024)
REPORT = report_hash("report 2")


def verify(_: Stage, **changes: Any) -> act.Verify:
    asked = {
        "project": 1,
        "verifier": "Verifier",
        "start": START,
        "end": END,
        "amount_g": 50 * T,
        "report": REPORT,
    }
    return act.Verify(registry=ICR, **{**asked, **changes})


def accredit_developer(stage: Stage) -> None:
    stage.apply(act.Accredit(registry=ICR, verifier="Skogur"))


RULES = (
    ZERO,
    tuple(
        Rule(f"project {n}", lambda _, n=n: errors.UnknownProject(n), {"project": n})
        for n in (0, 2)
    ),
    tuple(
        Rule(
            f"period ends {off} days after it starts",
            lambda _, off=off: errors.EmptyPeriod(START, START + off),
            {"end": START + off, "start": START},
        )
        for off in (0, -1)
    ),
    tuple(
        Rule(
            f"verifier {name}",
            lambda _, name=name: errors.NotAuthorised(name, "VERIFIER"),
            {"verifier": name},
        )
        for name in ("Acme", STRANGER, "Skogur", "@issuer")
    ),
    Rule(
        "verifier develops the project",
        lambda _: errors.VerifierNotIndependent("Skogur", 1),
        {"verifier": "Skogur"},
        accredit_developer,
    ),
    Rule(
        "report again",
        lambda stage: errors.ReportAlreadyUsed(stage.statement.report),
        {"report": report_hash("report 1")},
    ),
    tuple(
        Rule(
            f"period {name}",
            lambda _: errors.PeriodAlreadyVerified(1, *YEAR_2024),
            {"start": start, "end": end},
        )
        for name, start, end in (
            ("again", *YEAR_2024),
            ("into it", START, YEAR_2024[0] + 1),
            ("out of it", YEAR_2024[1] - 1, YEAR_2024[1] + 5),
            ("around it", 0, 20_000 + YEAR_2024[1]),
            ("inside it", YEAR_2024[0] + 5, YEAR_2024[0] + 6),
        )
    ),
)


@pytest.mark.parametrize("rules", broken(RULES))
def test_verify_refuses_for_the_first_reason(stage: Stage, rules: tuple[Rule, ...]) -> None:
    check(stage, rules, verify)


def test_verify_records_a_statement(stage: Stage) -> None:
    address = stage.world._keys.address("Verifier")
    id = statement_id(1, START, END, 50 * T, REPORT, address)
    expected = stage.next_entry(
        Kind.STATEMENT_RECORDED,
        project=1,
        account="Verifier",
        amount_g=50 * T,
        statement=id,
        report=REPORT,
        period=(START, END),
    )
    statement = stage.icr.verify(stage.forest, 2023, 50, "Verifier", "report 2")
    assert statement == Statement(
        registry=ICR,
        id=id,
        project=1,
        period=(START, END),
        amount_g=50 * T,
        verifier="Verifier",
        report=REPORT,
        ordinal=2,
    )
    assert stage.new_entries() == [expected]
    stage.logged(
        (
            "StatementRecorded",
            {
                "statement": id,
                "project": 1,
                "verifier": "Verifier",
                "start": START,
                "end": END,
                "amount": 50 * T,
                "report": REPORT,
            },
        )
    )
    if stage.on_chain:
        ledger = stage.world._chain
        stated, drawn = ledger.ask(
            ledger.contracts(ICR).projects, "ProjectRegistry", "statementOf", bytes.fromhex(id[2:])
        )
        assert drawn == 0
        assert stated[:4] == (1, START, END, 50 * T)


def test_verify_accredits_a_new_verifier_or_nobody(stage: Stage) -> None:
    stage.refuses(
        errors.PeriodAlreadyVerified(1, *YEAR_2024),
        lambda: stage.icr.verify(stage.forest, 2024, 1, "Second verifier", "report 2"),
    )
    accredited = stage.next_entry(Kind.VERIFIER_ACCREDITED, account="Second verifier")
    stage.icr.verify(stage.forest, 2023, 1, "Second verifier", "report 2")
    assert stage.new_entries()[0] == accredited
    assert len(stage.new_entries()) == 2


def test_verify_refuses_the_developer_through_the_registry_too(stage: Stage) -> None:
    stage.refuses(
        errors.VerifierNotIndependent("Skogur", 1),
        lambda: stage.icr.verify(stage.forest, 2023, 1, "Skogur", "report 2"),
    )


def test_verify_takes_periods_that_touch(stage: Stage) -> None:
    stage.apply(verify(stage, start=YEAR_2024[0] - 1, end=YEAR_2024[0]))
    after = verify(stage, start=YEAR_2024[1], end=YEAR_2024[1] + 1, report=report_hash("x"))
    stage.apply(after)
    # Neighbours stay apart: the refusal names the one period in the way.
    stage.refuses(
        errors.PeriodAlreadyVerified(1, YEAR_2024[0] - 1, YEAR_2024[0]),
        lambda: stage.apply(verify(stage, start=0, end=30_000, report=report_hash("y"))),
    )


def test_verify_holds_periods_and_reports_per_registry(stage: Stage) -> None:
    other = act.Verify(
        registry=ECO,
        project=1,
        verifier="Verifier",
        start=START,
        end=END,
        amount_g=T,
        report=stage.statement.report,
    )
    stage.apply(act.Accredit(registry=ECO, verifier="Verifier"))
    stage.apply(other)


def test_verify_takes_the_largest_amount_there_is(stage: Stage) -> None:
    assert stage.apply(verify(stage, amount_g=AMOUNT_MAX_G))[0].amount_g == AMOUNT_MAX_G


def test_verify_takes_more_periods_than_the_guard_walks_past(stage: Stage) -> None:
    for day in range(0, 80, 2):
        stage.apply(verify(stage, start=day, end=day + 1, report=report_hash(str(day))))
    stage.apply(verify(stage, start=77, end=78))
    stage.refuses(
        errors.PeriodAlreadyVerified(1, 76, 77),
        lambda: stage.apply(verify(stage, start=75, end=79, report=report_hash("z"))),
    )


# Signatures, which the model does not have.


def signed(chain: Stage, statement: tuple[Any, ...], signature: bytes, by: str = "Acme") -> None:
    ledger = chain.world._chain
    function = artifact("ProjectRegistry").interface.functions["verify"]
    data = function.encode(statement, signature, 2**64 - 1)
    call = Call(chain.world._keys.key(by), ledger.contracts(ICR).projects, data)
    ledger._send([call], chain.world.now_s + 1)


def test_verify_needs_the_verifier_s_own_signature(chain: Stage) -> None:
    ledger = chain.world._chain
    speaker = ledger._speakers[ICR]
    action = verify(chain)
    statement, good = speaker.statement(action), speaker.signature(action)
    by_acme = speaker.signature(action.model_copy(update={"verifier": "Acme"}))
    eco = ledger._speakers[ECO].signature(action)
    more = speaker.signature(action.model_copy(update={"amount_g": 51 * T}))
    high_s = good[:32] + (2**256 - 1).to_bytes(32, "big") + good[64:]
    for wrong in (by_acme, eco, more, high_s, b"", good[:64], bytes(65), good + b"\0"):
        with pytest.raises(errors.InvalidSignature) as caught:
            signed(chain, statement, wrong)
        assert caught.value.verifier == "Verifier"
    signed(chain, statement, good)  # Whoever sends it.


def test_verify_cannot_be_replayed(chain: Stage) -> None:
    ledger = chain.world._chain
    speaker = ledger._speakers[ICR]
    action = verify(chain)
    statement, good = speaker.statement(action), speaker.signature(action)
    signed(chain, statement, good)
    chain.world.now_s += 1
    with pytest.raises(errors.ReportAlreadyUsed):
        signed(chain, statement, good)


def test_verify_refuses_an_amount_above_the_bound(chain: Stage) -> None:
    ledger = chain.world._chain
    speaker = ledger._speakers[ICR]
    action = verify(chain)
    statement = list(speaker.statement(action))
    statement[3] = AMOUNT_MAX_G + 1
    with pytest.raises(errors.AmountTooLarge) as caught:
        signed(chain, tuple(statement), speaker.signature(action))
    assert caught.value.amount == AMOUNT_MAX_G + 1
