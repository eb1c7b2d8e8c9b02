"""Values, now and after every earlier step."""

from __future__ import annotations

import pytest
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st

from registry.chain.revm.state import NO_CODE, NOBODY, Account, Key, State, Value, slot_key

ALICE, BOB = b"\x01" * 20, b"\x02" * 20
KEYS = [ALICE, BOB, slot_key(ALICE, 0), slot_key(ALICE, 2**256 - 1), slot_key(BOB, 0)]


def value_for(key: Key, number: int) -> Value:
    return Account(number, number, NO_CODE) if len(key) == 20 else number


STEPS = st.lists(st.dictionaries(st.sampled_from(KEYS), st.integers(0, 3)), max_size=12)


def seen(state: State, step: int | None = None) -> dict[Key, Value]:
    return {key: state.value(key, step) for key in KEYS}


def test_what_was_never_written_is_nobody_and_zero() -> None:
    state = State()
    assert (state.account(ALICE), state.slot(ALICE, 5), state.code(ALICE)) == (NOBODY, 0, b"")


@given(STEPS, st.data())
def test_every_step_can_be_asked_for_and_returned_to(
    steps: list[dict[Key, int]], data: st.DataObject
) -> None:
    state, pictures = State(), [seen(State())]
    for step in steps:
        state.write((key, value_for(key, number)) for key, number in step.items())
        pictures.append(seen(state))
    assert state.step == len(steps)
    assert [seen(state, step) for step in range(len(pictures))] == pictures
    back = data.draw(st.integers(0, len(steps)))
    assert state.changed(back, len(steps)) == {key for step in steps[back:] for key in step}
    state.back_to(back)
    assert (state.step, seen(state)) == (back, pictures[back])
    assert set(state.written()) == {key for step in steps[:back] for key in step}


def test_code_is_found_by_the_account_that_has_it() -> None:
    state = State()
    code_hash = state.keep_code(b"\x60\x00")
    assert code_hash == keccak(b"\x60\x00")
    state.write([(ALICE, Account(1, 0, code_hash))])
    assert (state.code(ALICE), state.code(ALICE, 0), state.code(BOB)) == (b"\x60\x00", b"", b"")
    with pytest.raises(KeyError):
        state.code_of(b"\x00" * 32)
