"""The README shows what the programs print."""

from __future__ import annotations

import pytest

from tests.e2e.readme import Example, examples, is_shown


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Example]:
    return examples(tmp_path_factory.mktemp("readme"))


def test_readme_has_its_examples(found: list[Example]) -> None:
    assert [example.what for example in found] == [
        "$ scripts/demo",
        "python",
        "python",
        "$ .venv/bin/python scripts/lifecycle.py",
        "python",
        "python",
        "$ carbon-registry serials parse ICR-ISL-354-87-15-A-0-2023",
        "$ .venv/bin/python scripts/invented_exports.py exports",
        "python",
        "$ carbon-registry demo --keep out/pilot",
    ]


def test_readme_output_is_real(found: list[Example]) -> None:
    for example in found:
        if not is_shown(example.shown, example.printed):
            # pytest shows the difference.
            assert example.shown == example.printed, example.what
        assert set(example.shown) - {"...", ""}


@pytest.mark.parametrize(
    ("shown", "printed", "expected"),
    [
        ("a ... c", "a b b c", True),
        ("a ... c", "a c", True),
        ("a ... c", "a b", False),
        ("...", "", True),
        ("a", "a b", False),
        ("a b", "a", False),
        ("", "a", False),
    ],
)
def test_dots_stand_for_any_lines(shown: str, printed: str, expected: bool) -> None:
    assert is_shown(shown.split(), printed.split()) is expected
