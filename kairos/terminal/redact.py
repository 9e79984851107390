"""Shoppers' ids in logs, hashed: a log goes where profiles must not.

Our own messages name no shopper. An error may quote one, as any key that is missing is quoted: where a fold fails, the
shard says whose batch it was (`streams.errors`), and each of these ids is replaced wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from hashlib import blake2b

from kairos.terminal.escape import safe


def hashed(shopper: str) -> str:
    """What a log shows instead of an id: the same for the same shopper.

    >>> hashed("u42")
    'shopper#3783bb1891f56b9f'
    """
    return f"shopper#{blake2b(shopper.encode(errors='surrogatepass'), digest_size=8).hexdigest()}"


def redacted(text: str, shoppers: Iterable[str]) -> str:
    r"""The text without these ids, as they are or as they are quoted. An id inside a longer word is left alone.

    >>> redacted("KeyError: 'u4', not u42 nor 'a\\nb'", ["u4", "a\nb"])
    "KeyError: 'shopper#ca328f9cfa31e153', not u42 nor 'shopper#a76de9f2d561975f'"
    """
    spellings = {spelling: shopper for shopper in shoppers if shopper for spelling in _spellings(shopper)}
    if not spellings:
        return text
    found = re.compile("|".join(map(_whole, sorted(spellings, key=len, reverse=True))))
    return found.sub(lambda match: hashed(spellings[match[0]]), text)


def _spellings(shopper: str) -> tuple[str, ...]:
    """As it is, as Python quotes it, and as a log escapes it."""
    return shopper, repr(shopper)[1:-1], safe(shopper)


def _whole(spelling: str) -> str:
    before = r"(?<!\w)" if re.match(r"\w", spelling) else ""
    after = r"(?!\w)" if re.search(r"\w\Z", spelling) else ""
    return before + re.escape(spelling) + after


def named(error: BaseException | None) -> Iterator[str]:
    """The ids an error, its causes and its parts may quote."""
    seen: set[int] = set()
    errors = [error]
    while errors:
        one = errors.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield from getattr(one, "shoppers", ())
        errors += [one.__cause__, one.__context__, *(one.exceptions if isinstance(one, BaseExceptionGroup) else ())]
