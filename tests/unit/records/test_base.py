"""What all records share."""

from __future__ import annotations

import pickle

import pytest
from pydantic import ValidationError

from registry.records.coordinates import Coordinates

PLACE = Coordinates(seq=1, chain_id=2, address="0x", block=3, tx_hash="0x", log_index=4, gas_used=5)


def test_a_record_keeps_its_fields_and_nothing_beside_them() -> None:
    other = PLACE.model_copy(update={"seq": 9})
    assert (PLACE.seq, other.seq, other.block) == (1, 9, 3)
    assert PLACE.model_fields_set is Coordinates(**PLACE.model_dump()).model_fields_set
    assert PLACE.model_fields_set == set()


def test_a_record_is_equal_to_its_copies() -> None:
    for copy in (
        PLACE.model_copy(),
        Coordinates(**PLACE.model_dump()),
        Coordinates.model_construct(**PLACE.model_dump()),
        pickle.loads(pickle.dumps(PLACE)),
    ):
        assert copy == PLACE
        assert hash(copy) == hash(PLACE)


def test_a_record_cannot_change() -> None:
    with pytest.raises(ValidationError):
        PLACE.seq = 2  # type: ignore[misc]
    with pytest.raises(ValidationError):
        Coordinates(**PLACE.model_dump(), more=1)
