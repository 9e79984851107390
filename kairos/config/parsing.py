"""Text to values. Each function raises ValueError with what it expected; the caller names the variable or option."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address

from kairos.config import rivals
from models.decoding.names import with_aliases
from models.kernel import zones
from models.kernel.settings import DAY, HOUR, MINUTE, SECOND, Rate
from streams.faults import Faults

UNITS = {"ms": 1, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")
MOST_STEPS = 5
MOST_HELD_OUT = 0.5
maker = rivals.maker
ORIGIN = re.compile(r"https?://([a-z0-9._-]+|\[[0-9a-f:]+\])(:\d{1,5})?")
BROKER = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+):(\d{1,5})")


def text(value: str) -> str:
    """Any text but none at all."""
    if not value.strip():
        raise ValueError("expected some text; to use the default, unset it")
    return value.strip()


def name(value: str) -> str:
    """A name that may be a Kafka topic, a group or the first part of a Redis key."""
    if not TOPIC.fullmatch(value.strip()) or value.strip() in {".", ".."}:
        raise ValueError("expected a name of letters, digits, '.', '_' and '-'")
    return value.strip()


def names(value: str) -> tuple[str, ...]:
    """Names, separated by commas.

    >>> names("web, app")
    ('web', 'app')
    """
    found = tuple(name(part) for part in value.split(","))
    if len(set(found)) < len(found):
        raise ValueError("expected each name once")
    return found


def words(value: str) -> tuple[str, ...]:
    """Texts, separated by commas.

    >>> words("guest, not logged in")
    ('guest', 'not logged in')
    """
    return tuple(text(part) for part in value.split(","))


def aliases(value: str) -> tuple[tuple[str, str], ...]:
    """Names and what they stand for: ``Kauf=Order Completed, Korb=Product Added``.

    >>> aliases("Kauf=Order Completed")
    (('Kauf', 'Order Completed'),)
    """
    pairs = [part.partition("=") for part in value.split(",")]
    if not all(theirs.strip() and ours.strip() for theirs, _, ours in pairs):
        raise ValueError("expected NAME=KNOWN NAME, several separated by commas")
    found = tuple((theirs.strip(), ours.strip()) for theirs, _, ours in pairs)
    with_aliases(dict(found))
    return found


def brokers(value: str) -> tuple[str, ...]:
    """Kafka addresses, ``host:port`` separated by ``,`` or ``;``, with or without ``kafka://`` in front.

    >>> brokers("kafka://a:9092;b:9092")
    ('a:9092', 'b:9092')
    """
    found = tuple(part.strip().removeprefix("kafka://") for part in re.split("[,;]", value))
    for address in found:
        match = BROKER.fullmatch(address)
        if match is None or not 0 < int(match[2]) < 65_536:
            raise ValueError("expected host:port, several separated by commas")
    return found


def redis_url(value: str) -> str:
    """``redis://``, ``rediss://`` (TLS) or ``unix://``. The value may hold a password: no message repeats it."""
    if not value.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("expected redis://host:port/database, rediss:// for TLS, or unix://path")
    return value.strip()


def duration(value: str) -> int:
    """A number with its unit, in ms.

    >>> duration("30m"), duration("1.5h")
    (1800000, 5400000)
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)", value.strip())
    if match is None:
        raise ValueError("expected a number and its unit, such as 500ms, 30m, 24h or 7d")
    return round(float(match[1]) * UNITS[match[2]])


def whole(value: str) -> int:
    """A whole number, 0 or more."""
    if not re.fullmatch(r"\d{1,15}", value.strip()):
        raise ValueError("expected a whole number, 0 or more")
    return int(value)


def number(value: str) -> float:
    """A finite number, 0 or more."""
    if not re.fullmatch(r"\d{1,12}(\.\d+)?|\.\d+", value.strip()):
        raise ValueError("expected a number, 0 or more, such as 0.3")
    return float(value)


def positive(value: str) -> int:
    """A whole number, 1 or more."""
    if not whole(value):
        raise ValueError("expected a whole number, 1 or more")
    return whole(value)


def port(value: str) -> int:
    """A TCP port, or 0."""
    if whole(value) > 65_535:
        raise ValueError("expected a port number, or 0")
    return whole(value)


def address(value: str) -> str:
    """An IP address of this machine, or 0.0.0.0 or :: for all of them."""
    try:
        return str(ip_address(value.strip()))
    except ValueError:
        raise ValueError("expected an IP address of this machine, such as 127.0.0.1 or 0.0.0.0") from None


def token(value: str) -> str:
    """What opens a door: long enough not to be guessed, and fit for a header. No message repeats it."""
    if not re.fullmatch(r"[!-~]{16,256}", value.strip()):
        raise ValueError("expected 16 letters, digits or signs or more, without blanks, such as `openssl rand -hex 24`")
    return value.strip()


def hosts(value: str) -> tuple[str, ...]:
    """Names of hosts, without ports.

    >>> hosts("kairos.shop.example, Kairos")
    ('kairos.shop.example', 'kairos')
    """
    found = tuple(part.strip().lower() for part in value.split(","))
    if not all(re.fullmatch(r"[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?", name) for name in found):
        raise ValueError("expected names of hosts without ports, several separated by commas")
    return found


def origins(value: str) -> tuple[str, ...]:
    """Origins of web pages.

    >>> origins("https://shop.example, http://localhost:3000")
    ('https://shop.example', 'http://localhost:3000')
    """
    found = tuple(part.strip().lower() for part in value.split(","))
    if not all(map(ORIGIN.fullmatch, found)):
        raise ValueError("expected origins such as https://shop.example, several separated by commas")
    return found


def period(value: str) -> int:
    """A duration longer than none, in ms."""
    if not duration(value):
        raise ValueError("expected more than no time at all, such as 30m or 7d")
    return duration(value)


def steps(value: str) -> tuple[int, ...]:
    """One to five durations, each longer than the one before, in ms.

    >>> steps("30m, 24h")
    (1800000, 86400000)
    """
    found = tuple(period(part) for part in value.split(","))
    if len(found) > MOST_STEPS or list(found) != sorted(set(found)):
        raise ValueError(f"expected one to {MOST_STEPS} durations, each longer than the one before, such as 30m, 24h")
    return found


def daily(value: str) -> tuple[int, ...]:
    """A time of every day, as minutes since midnight from which and up to which; () for none.

    >>> daily("21:00-08:00"), daily("off")
    ((1260, 480), ())
    """
    if value.strip() == "off":
        return ()
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-3]):([0-5]\d)", value.strip())
    if match is None or match[1].zfill(2) + match[2] == match[3].zfill(2) + match[4]:
        raise ValueError("expected a time of the day such as 21:00-08:00, or off")
    first, first_minute, last, last_minute = map(int, match.groups())
    return first * 60 + first_minute, last * 60 + last_minute


def share(value: str) -> float:
    """A number from 0 to .5."""
    if not 0 <= number(value) <= MOST_HELD_OUT:
        raise ValueError(f"expected a number from 0 to {MOST_HELD_OUT}")
    return number(value)


def days(value: str) -> int:
    """Whole days, or 0 for never, in ms.

    >>> days("1d"), days("0")
    (86400000, 0)
    """
    found = 0 if value.strip() in {"0", "off"} else duration(value)
    if found % DAY:
        raise ValueError("expected whole days such as 1d or 7d, or 0 for never")
    return found


def fraction(value: str) -> float:
    """A number above 0, at most 1."""
    if not 0 < number(value) <= 1:
        raise ValueError("expected a number above 0 and at most 1")
    return number(value)


def flag(value: str) -> bool:
    """on or off."""
    words = {"on": True, "true": True, "yes": True, "1": True, "off": False, "false": False, "no": False, "0": False}
    try:
        return words[value.strip().lower()]
    except KeyError:
        raise ValueError("expected on or off") from None


def choice(*choices: str) -> Callable[[str], str]:
    """One of these words."""

    def parse(value: str) -> str:
        if value.strip() not in choices:
            raise ValueError(f"expected {' or '.join(choices)}")
        return value.strip()

    return parse


def currency(value: str) -> str:
    """Three capital letters."""
    if not re.fullmatch("[A-Z]{3}", value.strip()):
        raise ValueError("expected an ISO 4217 code such as USD")
    return value.strip()


def zone(value: str) -> str:
    """The name of a time zone."""
    if value.strip() not in zones.names():
        raise ValueError("expected a time zone by its IANA name, such as UTC, Europe/Berlin or America/New_York")
    return value.strip()


def faults(value: str) -> str:
    """A plan of faults, see `streams.faults`; kept as text, since a plan counts."""
    Faults.parse(value)
    return value


def moment(value: str) -> int:
    """A point in time as ISO 8601 (without a zone: UTC), in ms since 1970.

    >>> moment("2016-11-01T07:00Z")
    1477983600000
    """
    try:
        parsed = datetime.fromisoformat(value.strip())
    except ValueError:
        raise ValueError("expected a time such as 2016-11-01 or 2016-11-01T07:00Z") from None
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC)
    return round(parsed.timestamp() * 1000)


def rates(value: str) -> tuple[Rate, ...]:
    """The currency table: ``EUR=1.08, CNY=0.14@2026-01-01``: from that day on, one EUR is 1.08 of the shop's currency.

    >>> rates("EUR=1.08, EUR=1.1@2026-01-01")[1].rate
    '1.1'
    """
    return tuple(rate(part.strip()) for part in value.split(","))


def rate(value: str) -> Rate:
    """One entry of the currency table."""
    match = re.fullmatch(r"([A-Z]{3})\s*=\s*(\d+(?:\.\d+)?)(?:@(\S+))?", value)
    if match is None or float(match[2]) == 0:
        raise ValueError(f"{value!r}: expected CUR=RATE or CUR=RATE@DATE, several separated by commas")
    return Rate(currency=match[1], rate=match[2], since=moment(match[3]) if match[3] else 0)
