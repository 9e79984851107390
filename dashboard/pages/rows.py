"""Rows of tables with bars: a label, the length of the bar in percent, then cells of text."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.answers.carts import Age, Day
from dashboard.answers.churn import Band
from dashboard.pages.charts import shares
from dashboard.words import Words
from sinks.deliveries import FATES, EndpointReport

Row = tuple[str | float, ...]


def counted(found: Sequence[tuple[str, int]], words: Words) -> list[Row]:
    """Names and how often each came."""
    lengths = shares([count for _, count in found])
    return [(name, length, words.number(n)) for (name, n), length in zip(found, lengths, strict=True)]


def reasons(found: Sequence[tuple[str, int]], words: Words) -> list[Row]:
    """The same of reasons, in the reader's language."""
    return counted([(words.reason(name), n) for name, n in found], words)


def fates(found: Sequence[tuple[str, int]], words: Words) -> list[tuple[str, int]]:
    """What events met on their way, by the names people know."""
    return [(words.fate(name), n) for name, n in found]


def ends(report: EndpointReport, words: Words) -> list[tuple[str, str]]:
    """What became of messages at an endpoint: what that is called, and how many."""
    return [(words.delivery(fate), words.number(report.counts.get(fate, 0))) for fate in FATES]


def days(found: Sequence[Day], words: Words) -> list[Row]:
    """Days with their recovery rates, and of how many carts."""
    lengths = shares([day.rate or 0.0 for day in found])
    return [
        (words.date(day.day), length, words.percent(day.rate, 1), f"{day.recovered} / {day.reminded}")
        for day, length in zip(found, lengths, strict=True)
    ]


def ages(found: Sequence[Age], words: Words) -> list[Row]:
    """Carts by age."""
    lengths = shares([age.carts for age in found])
    return [(_age(age, words), length, words.number(age.carts)) for age, length in zip(found, lengths, strict=True)]


def _age(age: Age, words: Words) -> str:
    if age.until is None:
        return words("over {time}", time=words.lasts(age.since))
    if not age.since:
        return words("up to {time}", time=words.lasts(age.until))
    return words("{since} to {until}", since=words.lasts(age.since), until=words.lasts(age.until))


def bands(found: Sequence[Band], words: Words) -> list[Row]:
    """Buyers by risk."""
    lengths = shares([band.buyers for band in found])
    return [
        (f"{words.percent(band.since)} – {words.percent(band.until)}", length, words.number(band.buyers))
        for band, length in zip(found, lengths, strict=True)
    ]


def dates(found: Sequence[int], words: Words) -> list[str]:
    """Dates that are written as numbers (20161001)."""
    return [words.date(f"{date // 10_000}-{date // 100 % 100:02}-{date % 100:02}") for date in found]
