from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import IdentifierError, TextError
from registry.records.identity import (
    Role,
    batch_id,
    check_name,
    check_text,
    ex_ante_id,
    imported_id,
    is_ex_ante,
    is_imported,
    is_role_actor,
    number_of,
    project_of,
)

# Alpha with three marks: four letters decomposed, one of three bytes composed.
GREEK = "\u03b1\u0313\u0300\u0345"


def test_check_text_returns_nfc() -> None:
    assert check_text("reason", "Reforestacio\u0301n") == "Reforestaci\u00f3n"
    assert check_text("reason", "") == ""


@pytest.mark.parametrize("text", ["x" * 512, "\u00e9" * 256, "\U0001f333" * 128, GREEK * 170])
def test_check_text_takes_up_to_512_bytes_as_composed(text: str) -> None:
    assert len(check_text("reason", text).encode()) <= 512


@pytest.mark.parametrize(
    "text", ["x" * 513, "\u00e9" * 257, "\U0001f333" * 129, GREEK * 171, "e\u0301" * 257]
)
def test_check_text_refuses_more_than_512_bytes(text: str) -> None:
    with pytest.raises(TextError, match=r"reason .*expected at most 512 bytes"):
        check_text("reason", text)


def test_check_text_judges_equivalent_spellings_alike() -> None:
    for count in (170, 171):
        outcomes = set()
        for form in ("NFC", "NFD"):
            try:
                outcomes.add(check_text("reason", unicodedata.normalize(form, GREEK * count)))
            except TextError:
                outcomes.add("refused")
        assert len(outcomes) == 1


@pytest.mark.parametrize(
    "letter", ["\0", "\t", "\n", "\r", "\x1b", "\x7f", "\x85", "\u2028", "\u2029", "\ud800"]
)
def test_check_text_refuses_control_characters(letter: str) -> None:
    with pytest.raises(TextError, match=rf"no control characters, got U\+{ord(letter):04X}"):
        check_text("reason", f"a{letter}b")


@pytest.mark.parametrize("text", [None, 1, b"text", ["text"]])
def test_check_text_refuses_what_is_no_text(text: object) -> None:
    with pytest.raises(TextError, match="expected text, not"):
        check_text("reason", text)


@pytest.mark.parametrize("letter", ["x", "\u0301", "\U0001f333", "\0"])
def test_check_text_refuses_a_megabyte_unread(letter: str) -> None:
    # Whoever read it all, to bring it to normal form, would be busy with the marks for minutes.
    with pytest.raises(TextError) as caught:
        check_text("reason", letter * 1_000_000)
    assert len(str(caught.value)) < 500


@given(st.text(max_size=600))
def test_law_check_text_refuses_or_is_a_fixed_point(text: str) -> None:
    try:
        kept = check_text("reason", text)
    except TextError:
        return
    assert check_text("reason", kept) == kept == unicodedata.normalize("NFC", text)
    assert len(kept.encode()) <= 512


def test_check_name_returns_nfc() -> None:
    assert check_name("account", "Jose\u0301 & Co.") == "Jos\u00e9 & Co."
    assert check_name("account", "x" * 200) == "x" * 200


@pytest.mark.parametrize("name", ["", " ", " a", "a ", "\u00a0a", "@operator", "@", None, 7])
def test_check_name_refuses_what_names_nothing(name: object) -> None:
    with pytest.raises(IdentifierError, match="account"):
        check_name("account", name)


@pytest.mark.parametrize("name", ["x" * 201, "\u00e9" * 101, "a\nb", "a\0b"])
def test_check_name_refuses_long_names_and_control_characters(name: str) -> None:
    with pytest.raises(TextError, match="account"):
        check_name("account", name)


def test_roles_act_under_names_that_no_account_can_have() -> None:
    for role in Role:
        assert is_role_actor(role.actor)
        with pytest.raises(IdentifierError):
            check_name("account", role.actor)


@given(st.integers(1, 2**63 - 1), st.integers(1, 2**63 - 1))
def test_law_batch_ids_unpack(project: int, number: int) -> None:
    batch = batch_id(project, number)
    assert (project_of(batch), number_of(batch)) == (project, number)
    assert 0 < batch < 2**256


@pytest.mark.parametrize(
    "value", [0, -1, 2**63, True, 1.0, "1", None, pytest.param(10**5000, id="huge")]
)
def test_batch_id_refuses_what_is_no_number(value: int) -> None:
    with pytest.raises(IdentifierError, match="project"):
        batch_id(value, 1)
    with pytest.raises(IdentifierError, match="batch number"):
        batch_id(1, value)


@given(st.integers(1, 2**63 - 1), st.integers(1, 2**63 - 1))
def test_law_ids_say_what_kind_of_batch_they_are_of(project: int, number: int) -> None:
    issued, expected = batch_id(project, number), ex_ante_id(project, number)
    assert (is_ex_ante(issued), is_imported(issued)) == (False, False)
    assert (is_ex_ante(expected), is_imported(expected)) == (True, False)
    assert (project_of(expected), number_of(expected)) == (project, number)
    assert expected != issued
    arrived = imported_id(number)
    assert (is_ex_ante(arrived), is_imported(arrived)) == (False, True)
    assert (project_of(arrived), number_of(arrived)) == (0, number)


@pytest.mark.parametrize(("project", "number"), [(0, 1), (1, 0), (2**63, 1), (1, 2**63)])
def test_ex_ante_id_refuses_what_batch_id_does(project: int, number: int) -> None:
    with pytest.raises(IdentifierError):
        ex_ante_id(project, number)
