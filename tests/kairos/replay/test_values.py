"""What a file of calls looks like, what is no such file, and how much of it is looked at."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos.errors import ReplayError, WrongFile
from kairos.replay import lines
from kairos.replay.recognition import FIRST, is_call, recognized
from kairos.replay.values import values
from tests.conftest import Run

CALL = {"type": "page", "userId": "ü1", "timestamp": "2025-03-01T10:00:00Z"}
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
layout = st.sampled_from([None, 0, 1, 4])


def read(file: Path, block: int = 4 << 20) -> list[bytes]:
    """All values that are not blank."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "BLOCK", block)
        return [value for batch in values(str(file)) for value in batch if value.strip()]


@given(st.lists(st.dictionaries(st.text(), plain, max_size=4), max_size=9), layout, st.booleans(), st.integers(1, 60))
def test_an_array_is_read_like_its_elements_one_a_line(
    tmp_path_factory: pytest.TempPathFactory, objects: list[dict[str, Any]], indent: int | None, ascii: bool, block: int
) -> None:
    """Whatever the layout, the strings in it, and where a read ends."""
    file = tmp_path_factory.getbasetemp() / "array.json"
    file.write_text(json.dumps(objects, indent=indent, ensure_ascii=ascii), "utf-8", errors="surrogatepass")
    assert [json.loads(value) for value in read(file, block)] == objects


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize(
    "text",
    ["%s\n%s\n", "[%s,%s]", "\n\n [\n%s,\n%s\n]\n", "[%s]\n[%s]\n", "%s\n\n%s"],
    ids=["lines", "array", "array and blanks", "an array a line", "a blank line"],
)
def test_layouts_that_are_read(run: Run, tmp_path: Path, text: str, bom: bytes, pack: Any) -> None:
    calls = [json.dumps(CALL | {"messageId": f"m{n}"}, ensure_ascii=False) for n in range(2)]
    (tmp_path / "in.json").write_bytes(pack(bom + (text % tuple(calls)).encode()))
    found = run("replay", "--local", "--json", "in.json")
    assert (found.exit_code, json.loads(found.stdout)["applied"]) == (0, 2), found.stderr
    assert read(tmp_path / "in.json") == [call.encode() for call in calls]


def test_bytes_that_are_no_text_stay_in_their_element(tmp_path: Path) -> None:
    """It becomes a dead letter with its own bytes, as a line would."""
    file = tmp_path / "in.json"
    file.write_bytes(b'[{"type":"page"},{"userId":"\xff\xc3"}, {"type":"page"}]')
    assert read(file) == [b'{"type":"page"}', b'{"userId":"\xff\xc3"}', b'{"type":"page"}']


def test_a_long_array_is_not_held_in_memory(tmp_path: Path) -> None:
    file = tmp_path / "in.json"
    element = json.dumps(CALL | {"properties": {"padding": "x" * 1000}}, indent=1).encode()
    with file.open("wb") as out:
        out.write(b"[" + b",".join([element] * 40_000) + b"]")
    tracemalloc.start()
    try:
        assert sum(len(batch) for batch in values(str(file))) == 40_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 30 << 20 < file.stat().st_size


@pytest.mark.parametrize(
    ("tail", "said"),
    [
        ("", "its JSON array breaks off, or is no JSON here"),
        (',{"type":"page"', 'its JSON array breaks off, or is no JSON here: \'{"type":"page"\''),
        (",nonsense]", "is no JSON here: 'nonsense]'"),
        (',"' + "x" * (17 << 20), "an element of its JSON array does not end"),
    ],
    ids=["a comma", "half an object", "nonsense", "an endless string"],
)
def test_an_array_that_breaks_off_is_told(tmp_path: Path, tail: str, said: str) -> None:
    file = tmp_path / "in.json"
    file.write_text(f"[{json.dumps(CALL)}{tail}")
    if tail:
        with pytest.raises(ReplayError, match=said):
            read(file)
    else:
        assert len(read(file)) == 1  # a bracket less loses nothing


PARQUET = b"PAR1\x15\x04\x15\x10PAR1"
OTHERS = {
    "shop.csv": (b"time;user;item\n" + b"2025-03-01;u;i\n" * 500, "a table with the columns time, user, item"),
    "one.csv": (b"a,b,c\n1,2,3\n", "a table with the columns a, b, c"),
    "wide.tsv": (
        b"\t".join(b"c%d" % n for n in range(30)) + b"\n",
        "a table with the columns c0, c1, c2, c3, c4, c5, c6, c7 and 22 more",
    ),
    "book.xlsx": (b"PK\x03\x04\x14\x00" + bytes(99), "a zip archive, as an .xlsx is one"),
    "events.bin": (PARQUET, "Parquet"),
    "data": (bytes(range(256)) * 9, "a binary file"),
    "utf16.jsonl": (json.dumps(CALL).encode("utf-16"), "text in UTF-16"),
    "page.html": (b"<!doctype html>\n<title>x</title>\n", "XML or HTML"),
    "things.jsonl": (b'{"id":1,"sum":2}\n' * 9, "JSON objects with the keys id, sum"),
    "things.json": (b'[{"id":1},{"id":2}]', "JSON objects with the keys id"),
    "numbers.json": (b"[1,2,3]", "text that is not JSON"),
    "report.json": (b'{\n "type": "report",\n "rows": 3\n}\n', "JSON of another kind, such as one object over"),
    "notes.txt": (b"remember the milk\n", "text that is not JSON"),
}


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_file_that_is_something_else_is_refused_whole(run: Run, tmp_path: Path, name: str, pack: Any) -> None:
    content, said = OTHERS[name]
    (tmp_path / "good.jsonl").write_text(json.dumps(CALL))
    (tmp_path / name).write_bytes(pack(content))
    for files in ([name], ["good.jsonl", name]):
        found = run("replay", "--local", "--json", "--dump", "out.jsonl", *files)
        assert (found.exit_code, found.stdout) == (2, "")
        assert f"kairos: {name}: holds no calls; it looks like {said}" in found.stderr
        assert "docs/feeds.md" in found.stderr
        assert len(found.stderr.splitlines()) == 1
        assert not (tmp_path / "out.jsonl").exists()


def test_from_standard_input_too(run: Run) -> None:
    found = run("replay", "--local", "-", input=b"a,b\n1,2\n")
    assert (found.exit_code, "standard input: holds no calls" in found.stderr) == (2, True)


def test_a_table_of_a_known_format_that_lacks_its_columns(run: Run, tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_bytes(b"a,b\n1,2\n")
    found = run("replay", "--local", "--format", "online_retail", "other.csv")
    assert (found.exit_code, "no column" in found.stderr) == (2, True)


@given(
    st.lists(st.sampled_from([b"junk", b"a,b", b"{", b"[1]", b"", b'{"id":1}']), max_size=FIRST - 1), st.integers(1, 9)
)
def test_with_one_call_among_the_first_nothing_is_refused(bad: list[bytes], size: int) -> None:
    """And everything goes on, in its order, the blank values apart."""
    found = [*bad, b'{"event":7}', b"junk"]
    batches = [found[i : i + size] for i in range(0, len(found), size)]
    seen = [value for batch in recognized("in", iter(batches)) for value in batch if value]
    assert seen == [value for value in found if value]


def test_no_more_is_read_than_it_takes() -> None:
    read = 0

    def batches() -> Any:
        nonlocal read
        while True:
            read += 1
            yield [b"junk"]

    with pytest.raises(WrongFile):
        list(recognized("in", batches()))
    assert read == FIRST


def test_a_call_that_is_wrong_is_a_call() -> None:
    for value in (b'{"User_ID":0}', b'{"batch":[]}', b'{"original_timestamp":"?","x":1}', b'{"Message-Id":null}'):
        assert is_call(value)
    for value in (b'{"userId":', b"[]", b"7", b'"type"', b"\xff", b"[" * 100_000):
        assert not is_call(value)
