"""The values in a file of calls: one a line, or the elements of a JSON array, however it is laid out."""

from __future__ import annotations

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from itertools import chain

from kairos.errors import ReplayError
from kairos.replay.lines import blocks, split
from kairos.replay.stream import shown

BOM = b"\xef\xbb\xbf"
"""What some editors put in front of text in UTF-8."""
LONGEST = 16 << 20
"""Characters that an element of an array may have: what is held in memory at least. (A message may have far less.)"""
BETWEEN = re.compile(r"[\s,\[\]]*")
"""What stands between the elements of one array, or of several, one after the other."""


def values(file: str) -> Iterator[list[bytes]]:
    """The values of a file, or of `-`, packed or not, in batches as they come. Blank lines are values too.

    Raises
    ------
    ReplayError
        The file cannot be read, or is damaged.
    """
    found = blocks(file)
    head = b""
    while not (begun := head.removeprefix(BOM).lstrip()) and (more := next(found, b"")):
        head += more
    head = head.removeprefix(BOM)
    if begun.startswith(b"["):
        return _elements(file, chain([head], found))
    return split(chain([head], found))


def _elements(file: str, found: Iterator[bytes]) -> Iterator[list[bytes]]:
    """The elements of an array, byte for byte; of text that follows an element, the next element at the latest."""
    decoder, text = getincrementaldecoder("utf-8")("surrogateescape"), ""
    for block in chain(found, [b""]):
        text += decoder.decode(block, final=not block)
        whole, text = _whole(text)
        if whole:
            yield whole
        if len(text) > LONGEST:
            raise ReplayError(f"{shown(file)}: an element of its JSON array does not end, or is no JSON: {text[:40]!r}")
    if rest := text.strip():
        raise ReplayError(f"{shown(file)}: its JSON array breaks off, or is no JSON here: {rest[:40]!r}")


def _whole(text: str) -> tuple[list[bytes], str]:
    """The elements that are there as a whole, and the rest.

    >>> _whole('[{"a": 1}, {"b": 2}, {"c":')
    ([b'{"a": 1}', b'{"b": 2}'], '{"c":')
    """
    decode, found, at = json.JSONDecoder().raw_decode, list[bytes](), 0
    while True:
        at = _skipped(text, at)
        try:
            _, end = decode(text, at)
        except (ValueError, RecursionError):
            return found, text[at:]
        if end == len(text) and text[-1] not in '}"':  # a number might go on
            return found, text[at:]
        found.append(text[at:end].encode(errors="surrogateescape"))
        at = end


def _skipped(text: str, at: int) -> int:
    between = BETWEEN.match(text, at)
    return between.end() if between else at
