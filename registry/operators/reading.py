"""Plain YAML with the place of each value, and nothing that YAML readers disagree about.

Mappings, lists, text, whole numbers, `true`, `false` and `null` are read. Aliases and tags are
refused, and so is unquoted text that some readers take for something else (`no`, `1e3`,
`2024-01-01`): nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path as File
from typing import Any, NamedTuple

import yaml

from registry.errors import ProfileError, shown

SIZE_MAX = 65_536
"""Bytes of a file; ours have some 5,000."""
DEPTH_MAX = 8

Path = tuple[str | int, ...]
"""Keys and positions on the way to a value."""

_WHOLE = re.compile("-?(0|[1-9][0-9]{0,18})")
_WORDS: Mapping[str, object] = {"true": True, "false": False, "null": None}
_resolved: Callable[[str], str] = partial(
    yaml.resolver.Resolver().resolve, yaml.ScalarNode, implicit=(True, False)
)
"""Unquoted text -> the tag that YAML 1.1 gives it."""
_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?|0o[0-7]+")
"""What YAML 1.2 takes for a number, and YAML 1.1 for text where it has no point."""
_TEXT_TAG = "tag:yaml.org,2002:str"


class Place(NamedTuple):
    """Line and column, from 1."""

    line: int
    column: int


class Document(NamedTuple):
    """What a file says.

    Attributes:
        value: Mappings as dicts, lists as tuples.
        places: Where each value stands; of what a mapping has, its key.
    """

    value: Any
    places: Mapping[Path, Place]


def read_document(path: File) -> Document:
    """Read one document.

    Raises:
        ProfileError: the file cannot be read, or holds anything else.
    """
    name = str(path)
    try:
        # Whoever opens a pipe waits for somebody to write into it.
        if path.is_fifo():
            raise ProfileError(name, None, "", "expected a file, not a pipe")
        with path.open("rb") as file:
            data = file.read(SIZE_MAX + 1)
    except OSError as error:
        raise ProfileError(name, None, "", f"expected a file: {error.strerror}") from error
    except ValueError as error:
        raise ProfileError(name, None, "", f"expected the path of a file: {error}") from error
    if len(data) > SIZE_MAX:
        raise ProfileError(name, None, "", f"expected at most {SIZE_MAX} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _place_at(data[: error.start].decode("utf-8-sig", "replace"))
        raise ProfileError(name, place, "", f"expected UTF-8: {error.reason}") from error
    return _Reader(name).read(text)


class _Open:
    """A mapping or list that is being read.

    Attributes:
        key: Of a mapping, the key whose value comes next, and its place; None between values.
    """

    def __init__(self, path: Path, value: dict[str, Any] | list[Any]) -> None:
        self.path = path
        self.value = value
        self.key: tuple[str, Place] | None = None

    @property
    def wants_key(self) -> bool:
        return isinstance(self.value, dict) and self.key is None


class _Reader:
    """Builds one document from YAML's events: no recursion, so that no nesting is too deep."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._open: list[_Open] = []
        self._places: dict[Path, Place] = {}
        self._found: list[Any] = []
        self._last = Place(1, 1)

    def read(self, text: str) -> Document:
        try:
            loader = yaml.SafeLoader(text)
            while loader.check_event():
                event = loader.get_event()  # type: ignore[no-untyped-call]
                self._last = _place(event.start_mark)
                self._take(event)
        except yaml.reader.ReaderError as error:
            place = _place_at(text[: error.position])
            raise self._refused(f"expected text: {error.reason}", place) from error
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = self._last if mark is None else _place(mark)
            said = error.problem or error.context
            raise self._refused(f"expected YAML: {said}", place) from error
        except (ValueError, OverflowError, IndexError) as error:
            # What is no number in an escape or a version escapes the parser's own errors.
            place = _place(loader.get_mark())
            raise self._refused(f"expected YAML: {error}", place) from error
        if not self._found:
            raise self._refused("expected a mapping, got nothing", Place(1, 1))
        return Document(self._found[0], self._places)

    def _take(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent):
            raise self._refused("expected no alias: write the value out", self._last)
        if isinstance(event, yaml.DocumentStartEvent) and self._found:
            raise self._refused("expected one document", self._last)
        if isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)):
            if event.anchor is not None:
                raise self._refused("expected no anchor", self._last)
            if event.tag is not None:
                raise self._refused(f"expected no tag, got {shown(event.tag)}", self._last)
        if isinstance(event, yaml.MappingStartEvent):
            self._begin({})
        elif isinstance(event, yaml.SequenceStartEvent):
            self._begin([])
        elif isinstance(event, yaml.CollectionEndEvent):
            ended = self._open.pop().value
            self._put(tuple(ended) if isinstance(ended, list) else ended)
        elif isinstance(event, yaml.ScalarEvent):
            value = self._plain(event.value) if event.implicit[0] else event.value
            if self._open and self._open[-1].wants_key:
                self._take_key(self._open[-1], value)
            else:
                self._note_place()
                self._put(value)

    def _begin(self, value: dict[str, Any] | list[Any]) -> None:
        if self._open and self._open[-1].wants_key:
            raise self._refused("expected text for a key", self._last)
        if len(self._open) == DEPTH_MAX:
            raise self._refused(f"expected at most {DEPTH_MAX} levels", self._last)
        self._open.append(_Open(self._note_place(), value))

    def _take_key(self, holder: _Open, key: object) -> None:
        if not isinstance(key, str):
            raise self._refused("expected text for a key", self._last)
        if key in holder.value:
            raise self._refused("expected each key once", self._last, (*holder.path, key))
        holder.key = key, self._last

    def _plain(self, text: str) -> object:
        if text in _WORDS:
            return _WORDS[text]
        if _WHOLE.fullmatch(text):
            return int(text)
        if not text:
            return None
        if _resolved(text) != _TEXT_TAG or _NUMBER.fullmatch(text):
            expected = f"expected a whole number, true, false, or text in quotes: {shown(text)}"
            raise self._refused(expected, self._last)
        return text

    def _note_place(self) -> Path:
        """Note where the value that comes next stands, and return the way to it."""
        path: Path = ()
        place = self._last
        if self._open:
            holder = self._open[-1]
            key: str | int = len(holder.value)
            if holder.key is not None:
                key, place = holder.key
            path = (*holder.path, key)
        self._places[path] = place
        return path

    def _put(self, value: object) -> None:
        if not self._open:
            self._found.append(value)
            return
        holder = self._open[-1]
        if isinstance(holder.value, list):
            holder.value.append(value)
        else:
            assert holder.key is not None
            holder.value[holder.key[0]] = value
            holder.key = None

    def _refused(self, expected: str, place: Place, path: Path = ()) -> ProfileError:
        return ProfileError(self._name, place, key_text(path), expected)


def key_text(path: Path) -> str:
    """Write the way to a value: uses.CORSIA.code."""
    return ".".join(map(str, path))


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1)


def _place_at(before: str) -> Place:
    """Return the place that comes after a text."""
    lines = before.splitlines() or [""]
    if before.endswith("\n"):
        return Place(len(lines) + 1, 1)
    return Place(len(lines), len(lines[-1]) + 1)
