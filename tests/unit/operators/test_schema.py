"""What the published schema refuses, the loader refuses; what authors need to write is in it.

There is no validator among the packages, so the keywords that the schema has are followed here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from registry.errors import ProfileError
from registry.operators import reading
from registry.operators.profiles import STATUSES, Delays, Profile
from registry.operators.schema import page_text, schema_text
from registry.operators.templates import PLACES, parts_of

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads(schema_text())
TYPES = {"string": str, "integer": int, "boolean": bool, "object": dict, "null": type(None)}
SHIPPED = [*(ROOT / "registry" / "operators" / "profiles").glob("*.yaml")]
SMALL = {"name": "Fjord", "mode": "native"}
FOLLOWED = {
    *("type", "enum", "anyOf", "$ref", "minimum", "maximum", "minLength", "maxLength", "pattern"),
    *("properties", "required", "additionalProperties", "propertyNames"),
    *("title", "description", "default", "$defs", "$schema"),
}


def wrong(value: Any, schema: dict[str, Any], at: str = "") -> Iterator[str]:
    """Yield where a value is not what a schema says."""
    assert schema.keys() <= FOLLOWED
    if "$ref" in schema:
        yield from wrong(value, SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], at)
    if "anyOf" in schema and all(any(wrong(value, one, at)) for one in schema["anyOf"]):
        yield at
    kind = schema.get("type")
    if kind and not (isinstance(value, TYPES[kind]) and (kind != "integer" or value is not True)):
        yield at
        return
    if "enum" in schema and value not in schema["enum"]:
        yield at
    if isinstance(value, int) and not (
        schema.get("minimum", value) <= value <= schema.get("maximum", value)
    ):
        yield at
    if isinstance(value, str):
        length = len(value)
        if not schema.get("minLength", 0) <= length <= schema.get("maxLength", length):
            yield at
        if not re.search(schema.get("pattern", ""), value):
            yield at
    if isinstance(value, dict) and kind == "object":
        yield from wrong_keys(value, schema, at)


def wrong_keys(value: dict[str, Any], schema: dict[str, Any], at: str) -> Iterator[str]:
    known, others = schema.get("properties", {}), schema["additionalProperties"]
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{at}.{name}"
    for name, inner in value.items():
        yield from wrong(name, schema.get("propertyNames", {}), f"{at}.{name}")
        if name in known:
            yield from wrong(inner, known[name], f"{at}.{name}")
        elif others is False:
            yield f"{at}.{name}"
        else:
            yield from wrong(inner, others, f"{at}.{name}")


@pytest.mark.parametrize(
    "path", [*SHIPPED, ROOT / "scripts" / "custom_registry.yaml"], ids=lambda path: path.stem
)
def test_profiles_that_are_shipped_are_what_the_schema_says(path: Path) -> None:
    assert list(wrong(reading.read_document(path).value, SCHEMA)) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("name", text) for text in ("", " A", "A ", "@A", "x" * 201, "ü" * 201, 7, None)),
        *(("about", text) for text in ("", " ", "x" * 513, "ü" * 513, True)),
        *(("mode", text) for text in ("both", "", None)),
        *(("lag_s", number) for number in (-1, 3_162_240_001, "60", True)),
        *(("chain", number) for number in (0, 9)),
        *(("statuses", {"sale": "Sold"}), ("statuses", {"": "Sold"}), ("statuses", {"lock": " "})),
        *(("statuses", {"lock": None}), ("statuses", []), ("statuses", {"lock": "x" * 513})),
        *(("serials", {"scope": text}) for text in ("", "{nam}", "{name", "a:b", "a#b", "x" * 121)),
        *(("serials", {"ex_ante": text}) for text in ("{}", "{Name}", "é-{name}", None)),
        *(("serials", {"base": 2}), ("serials", {"counter": "all"}), ("serials", {"scop": "x"})),
        *(("forms", {"ex_post": None}), ("forms", {"ex_ante": {}}), ("forms", {"ex_post": "w"})),
        *(("forms", {"ex_post": {"word": "w", "unit": unit}}) for unit in ("a", "A" * 11, " ")),
        *(("uses", {name: {"code": "c"}}) for name in ("", " ", "x" * 513)),
        *(("uses", {"A": use}) for use in ({}, {"code": ""}, {"code": "c", "of": 1}, None, "c")),
        ("uses", {"A": {"code": "c", "needs_subject": 1}}),
        *(("buffer_mark", mark) for mark in ("b", "B F", 7)),
        *((name, value) for name in ("regulator", "certificates") for value in (1, "true", None)),
        *(("delays", {"lock": delay}) for delay in ({}, {"seconds": 1}, None)),
        ("delays", {"sleep": {"seconds": 1, "source": "s", "is_assumption": True}}),
        ("delays", {"lock": {"seconds": 1.5, "source": "s", "is_assumption": True}}),
        ("delays", {"lock": {"seconds": 1, "source": " ", "is_assumption": True}}),
        ("colour", "blue"),
    ],
)
def test_what_the_schema_refuses_the_loader_refuses(key: str, value: Any) -> None:
    given = {**SMALL, key: value}
    assert any(wrong(given, SCHEMA))
    with pytest.raises(ProfileError):
        Profile.model_validate(given)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("name", text) for text in ("A", "x" * 200, "A  b", "Größe & Co", "a@b")),
        *(("about", text) for text in ("x" * 512, " x ", "@")),
        *(("statuses", {kind: "Word"}) for kind in STATUSES),
        *(
            ("serials", {"scope": f"{{{place}}} {{batch}}-X"})
            for place in PLACES
            if place != "batch"
        ),
        ("serials", {"scope": "{name}." + "x" * 112}),
        ("forms", {"ex_ante": None}),
        ("forms", {"ex_post": {"word": "w", "unit": "A" * 10}}),
        ("uses", {"x" * 512: {"code": "c"}}),
        ("buffer_mark", None),
        ("delays", {"relay": {"seconds": 0, "source": "s", "is_assumption": False}}),
    ],
)
def test_what_stands_at_the_schemas_bounds_is_loaded(key: str, value: Any) -> None:
    given = {**SMALL, key: value}
    assert list(wrong(given, SCHEMA)) == []
    Profile.model_validate(given)


def fields() -> Iterator[tuple[str, dict[str, Any]]]:
    for part in (SCHEMA, *SCHEMA["$defs"].values()):
        yield part["title"], part
        for name, field in part["properties"].items():
            yield f"{part['title']}.{name}", field


@pytest.mark.parametrize(("name", "field"), list(fields()), ids=lambda given: str(given)[:40])
def test_everything_in_the_schema_is_described(name: str, field: dict[str, Any]) -> None:
    assert field["description"].endswith("."), name
    assert "Attributes" not in field["description"]


def test_places_are_all_described_where_templates_are() -> None:
    templates = [SCHEMA["$defs"]["Serials"]["properties"][name] for name in ("scope", "ex_ante")]
    page = page_text()
    for name, place in PLACES.items():
        assert all(f"{{{name}}} {place.meaning}" in field["description"] for field in templates)
        assert f"| `{{{name}}}` | {place.meaning} |" in page
        assert parts_of(f"{{{name}}}")
    for key in (*Profile.model_fields, *(f"delays.{step}" for step in Delays.model_fields)):
        assert f"| `{key}` |" in page
