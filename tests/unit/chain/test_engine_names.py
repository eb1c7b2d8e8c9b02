"""Engines by name: what of a name is shown and kept, and which names there are."""

from __future__ import annotations

import pytest

from registry.chain.engines import EngineName, new_engine, public, reopening
from registry.errors import InputError, InvariantBroken
from registry.kept.opening import WorldError, settings_of
from registry.world import World

NODE = "rpc:http://127.0.0.1:9"
SECRET = "rpc:http://user:geheim@127.0.0.1:9"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("revm", "revm"),
        (NODE, NODE),
        (SECRET, NODE),
        ("rpc:https://:geheim@[::1]:9/a?b=1@2", "rpc:https://[::1]:9/a?b=1@2"),
        ("rpc:http://user:ge@heim@host", "rpc:http://host"),
        ("rpc:http://user:ge/heim@host", "rpc:...@host"),
        ("rpc:user:geheim@host", "rpc:...@host"),
        ("rcp:http://user:geheim@host", "...@host"),
    ],
)
def test_public_leaves_out_user_and_password(name: str, shown: str) -> None:
    assert public(name) == shown


def test_settings_keep_a_name_without_password_and_know_it_with() -> None:
    settings = settings_of(7, SECRET, None, None)
    assert settings == settings_of(7, NODE, None, None)
    assert settings.digest == settings_of(7, NODE, None, None).digest
    assert "geheim" not in f"{settings} {settings.engine}"
    assert isinstance(settings.engine, EngineName)
    assert settings.engine.asked == SECRET


@pytest.mark.parametrize(
    "engine",
    ["rcp:http://user:geheim@host", "rpc:user:geheim@host", "rpc:http://user:ge/heim@host", SECRET],
)
def test_what_cannot_be_opened_is_named_without_password(engine: str) -> None:
    with pytest.raises(Exception, match=r"host|127\.0\.0\.1") as caught:
        World.open(engine=engine)
    assert "heim" not in str(caught.value)


def test_names_that_no_engine_has() -> None:
    with pytest.raises(WorldError, match="expected one of auto, revm"):
        settings_of(7, "rewm", None, None)
    with pytest.raises(InvariantBroken, match="rewm"):
        new_engine("rewm", 0)
    with pytest.raises(InvariantBroken, match="rewm"):
        reopening("rewm")
    with pytest.raises(InputError, match="expected an address"):
        new_engine("rpc:", 0)
