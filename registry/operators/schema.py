"""What may stand in a registry's profile: as JSON Schema for editors, and as a page for authors.

Both are made from the profile's classes, their docstrings and the places of templates:

python -m registry.operators.schema > docs/profile.schema.json
python -m registry.operators.schema --page > docs/profiles.md

The loader refuses all that the schema refuses (texts taken in Unicode's normal form C), and more:
keys that contradict each other, templates whose serials nobody could tell apart.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterator
from typing import Any

from registry.operators.profiles import (
    STATUSES,
    TEXT,
    Delay,
    Delays,
    Form,
    Forms,
    Profile,
    Serials,
    Use,
)
from registry.operators.templates import LETTERS_MAX, MARK, PLACES, SHAPE, UNIT
from registry.records.base import Record

_PARTS = (Delay, Delays, Form, Forms, Serials, Use)

_LIKE_LOCK = [f"delays.{step}" for step in Delays.model_fields if step != "lock"]
"""Steps whose keys are those of the first, and are not said again."""

_PLACES = " Places: "
"""Stands before the list of them in a description."""

_PAGE = """# Profiles of registries

Made by `python -m registry.operators.schema --page`. A registry of one's own is a YAML file with
these keys; [scripts/custom_registry.yaml](../scripts/custom_registry.yaml) is one to copy, and
[profile.schema.json](profile.schema.json) says the same to editors. A key without a default
must be given; inside another one, where that is. Texts have 1 to 512 bytes in UTF-8, the name 200
at most.
"""


def schema_text() -> str:
    """Write the JSON Schema of a profile, as `docs/profile.schema.json` has it."""
    return json.dumps(_schema(), indent=2, ensure_ascii=False) + "\n"


def page_text() -> str:
    """Write the page for authors, as `docs/profiles.md` has it."""
    schema = _schema()
    keys = [
        f"| `{key}` | {_allowed(part)} | {_default(part)} | {_what(part)} |"
        for key, part in _keys(schema, schema, "")
    ]
    places = [f"| `{{{name}}}` | {place.meaning} |" for name, place in PLACES.items()]
    return "\n".join(
        (
            *(_PAGE, "## Keys", "", "| key | may be | default | what |", "|---|---|---|---|"),
            *keys,
            *("", "## Places in templates of serials", "", "| place | stands for |", "|---|---|"),
            *places,
            "",
        )
    )


def _schema() -> dict[str, Any]:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Profile.model_json_schema(),
    }
    _describe(schema, Profile)
    for part in _PARTS:
        _describe(schema["$defs"][part.__name__], part)
    said = "; ".join(f"{{{name}}} {place.meaning}" for name, place in PLACES.items())
    for template in ("scope", "ex_ante"):
        field = schema["$defs"]["Serials"]["properties"][template]
        field["description"] += f"{_PLACES}{said}."
    schema["properties"]["statuses"]["propertyNames"] = {"enum": list(STATUSES)}
    uses = schema["properties"]["uses"]
    # Where names have a pattern, pydantic lets all other names have any value.
    uses.pop("patternProperties", None)
    uses.update(propertyNames=TEXT, additionalProperties={"$ref": "#/$defs/Use"})
    return schema


def _describe(schema: dict[str, Any], model: type[Record]) -> None:
    """Take a schema's descriptions, its own and its fields', from a docstring."""
    summary, _, attributes = (inspect.getdoc(model) or "").partition("\n\nAttributes:\n")
    schema["description"] = summary
    said: dict[str, str] = {}
    names: list[str] = []
    for line in attributes.splitlines():
        text = line.strip()
        if line[4:5] != " ":
            before, _, text = text.partition(": ")
            names = before.split(", ")
        for name in names:
            said[name] = f"{said[name]} {text}" if name in said else text
    for name, field in schema["properties"].items():
        field["description"] = said[name]


def _keys(
    part: dict[str, Any], schema: dict[str, Any], before: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every key, and what may be there, those inside another one after it."""
    for name, field in part["properties"].items():
        yield f"{before}{name}", field
        inner = _named(field) or _named(field.get("additionalProperties") or {})
        if inner and f"{before}{name}" not in ("forms.ex_ante", *_LIKE_LOCK):
            middle = "" if _named(field) else "PURPOSE."
            yield from _keys(schema["$defs"][inner], schema, f"{before}{name}.{middle}")


def _named(field: dict[str, Any]) -> str:
    """Return the name of the part that stands there; "" where it is none."""
    found = [field, *field.get("anyOf", ())]
    references = [str(choice["$ref"]) for choice in found if "$ref" in choice]
    return references[0].rpartition("/")[2] if references else ""


def _allowed(field: dict[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(_allowed(choice) for choice in field["anyOf"])
    if "enum" in field:
        return " or ".join(f"`{value}`" for value in field["enum"])
    if "propertyNames" in field:
        names = field["propertyNames"].get("enum")
        return f"texts under {', '.join(f'`{name}`' for name in names)}" if names else "keys"
    if "$ref" in field:
        return "keys"
    if field["type"] == "integer":
        return f"{field['minimum']} to {field['maximum']}"
    if field["type"] == "string":
        return _STRINGS.get(field["pattern"], "text")
    return {"boolean": "`true` or `false`", "null": "`null`"}[str(field["type"])]


_STRINGS = {
    SHAPE: f"a template, 1 to {LETTERS_MAX} letters",
    f"^{UNIT.pattern}$": "0 to 10 capitals and digits",
    f"^{MARK.pattern}$": "capitals, digits, dots, `_` and `-`",
}
"""Pattern -> what may be there, in words."""


def _default(field: dict[str, Any]) -> str:
    if "default" not in field:
        return ""
    default = field["default"]
    if not isinstance(default, dict):
        return f"`{json.dumps(default)}`"
    if "seconds" in default:
        return f"{default['seconds']} s"
    if "word" in default:
        return f"`{default['word']}`"
    return "those below" if "$ref" in field else ", ".join(default.values()) or "none"


def _what(field: dict[str, Any]) -> str:
    said, _, places = str(field["description"]).partition(_PLACES)
    return f"{said} Its places are below." if places else said


if __name__ == "__main__":
    sys.stdout.write(page_text() if "--page" in sys.argv[1:] else schema_text())
