"""The model's journal: every state it was ever in can come back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from registry.ledger.state import State


@given(
    st.lists(
        st.tuples(st.sampled_from(("accounts", "paused")), st.sampled_from("abc"), st.booleans()),
        max_size=30,
    ),
    st.integers(0, 30),
)
def test_law_undo_restores_any_earlier_state(writes: list[tuple[str, str, bool]], at: int) -> None:
    state, seen = State(), []
    for table, key, value in writes:
        seen.append((len(state.journal), dict(state.accounts.rows), dict(state.paused.rows)))
        getattr(state, table).put(key, value)
    seen.append((len(state.journal), dict(state.accounts.rows), dict(state.paused.rows)))
    length, accounts, paused = seen[min(at, len(seen) - 1)]
    state.undo(length)
    assert (state.accounts.rows, state.paused.rows) == (accounts, paused)
    assert len(state.journal) == length


def test_undo_brings_back_what_was_not_there() -> None:
    state = State()
    state.accounts.put("Acme", True)
    length = len(state.journal)
    state.accounts.put("Borealis", True)
    state.accounts.put("Acme", False)
    state.undo(length)
    assert state.accounts.rows == {"Acme": True}
    state.undo(0)
    assert state.accounts.rows == {}
    assert state.accounts.get("Acme") is None
