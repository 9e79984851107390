"""Sketches and tables, over every kind of store."""

from __future__ import annotations

from sinks.store import ReadModel, Store
from tests.sinks.batches import FULL, batch
from tests.sinks.test_store_contract import claim


def test_a_frozen_sketch_is_read_with_the_state_of_its_shard(store: Store) -> None:
    assert store.frozen(0, "cuts", 20161001) == (None, b"")
    claim(store, "a")
    store.apply(0, "a", 1, FULL)
    assert store.frozen(0, "cuts", 20161001) == (b"frozen", b"\x00W")
    assert store.frozen(0, "cuts", 20161002) == (None, b"\x00W")
    assert store.frozen(1, "cuts", 20161001) == (None, b"")


def test_a_batch_without_sketches_leaves_them_and_none_deletes_one(store: Store) -> None:
    claim(store, "a")
    store.apply(0, "a", 1, FULL)
    store.apply(0, "a", 2, batch(shard=b"later"))
    assert store.frozen(0, "cuts", 20161001) == (b"frozen", b"later")
    assert claim(store, "b").sketches == {"cuts": b"\x00live"}
    store.apply(0, "b", 3, batch(sketches={"cuts": b"moved"}, frozen={("cuts", 20161001): None}))
    assert store.frozen(0, "cuts", 20161001) == (None, b"")
    assert claim(store, "c").sketches == {"cuts": b"moved"}


def test_sketches_of_several_tables_are_kept_apart(store: Store) -> None:
    claim(store, "a")
    store.apply(0, "a", 1, FULL)
    frozen = {("churn", 20161001): b"churn", ("cuts", 20161002): b"next"}
    store.apply(0, "a", 2, batch(shard=b"W", sketches={"churn": b"\xff"}, frozen=frozen))
    assert claim(store, "b").sketches == {"cuts": b"\x00live", "churn": b"\xff"}
    store.apply(0, "b", 3, batch(shard=b"W", frozen={("cuts", 20161001): None}))
    left = [store.frozen(0, name, day)[0] for name in ("cuts", "churn") for day in (20161001, 20161002)]
    assert left == [None, b"next", b"churn", None]


def test_the_first_table_of_a_version_stays(store: Store, reader: ReadModel) -> None:
    assert store.table("cuts", 20161001) is None
    assert store.keep_table("cuts", 20161001, b"first") == b"first"
    assert store.keep_table("cuts", 20161001, b"second") == b"first"
    assert store.keep_table("cuts", 20160930, b"older") == b"older"
    assert store.keep_table("model", 20161001, b"other") == b"other"
    assert store.table("cuts", 20161001) == b"first"
    assert dict(reader.tables("cuts")) == {20160930: b"older", 20161001: b"first"}
    assert list(reader.tables("cuts")) == [20160930, 20161001]


def test_a_fenced_owner_freezes_nothing(store: Store) -> None:
    claim(store, "a")
    claim(store, "b")
    assert store.apply(0, "a", 1, FULL).status == "FENCED"
    assert store.frozen(0, "cuts", 20161001) == (None, b"")
