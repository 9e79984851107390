"""The pages' HTML: everything in it, nothing of it taken as markup, and no amount where none is to be shown."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace

from dashboard.pages.asked import Asked
from dashboard.pages.render import HOME, Renderer
from dashboard.pages.views import VIEWS, Seen
from tests.dashboard import sample
from tests.dashboard.served import BY_HAND, LOOKED, SHOWN

SEEN = Seen(LOOKED, sample.feed())
RENDERER = Renderer(SHOWN)
ASKED = [Asked(lang=lang, wall=wall, tags=True) for lang in ("en", "zh-CN") for wall in (False, True)]
AMOUNT = re.compile(r"[$¥€][\s\d]|\bUSD\b")


def page(name: str, asked: Asked, seen: Seen = SEEN) -> str:
    view = BY_HAND[name]
    return RENDERER.page(view, RENDERER.sections(view, seen, asked), asked)


def card(asked: Asked, user: str = "shopper-7") -> str:
    found = sample.shopper(user)
    words = asked.words("UTC")
    told = (words("{n} order", n=1), words.money(found.carts[0].value, "USD"))
    return RENDERER.other("shopper.html", asked, card=found, story=told, seen=SEEN)


class Tags(HTMLParser):
    """Tags and their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags(text: str) -> Iterator[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(text)
    yield from parser.found


def everything(asked: Asked) -> list[str]:
    return [*(page(name, asked) for name in BY_HAND), card(asked), card(asked, sample.HOSTILE)]


@pytest.mark.parametrize("asked", ASKED)
def test_hostile_names_are_text_everywhere(asked: Asked) -> None:
    shown = everything(asked)
    for text in shown:
        assert "<img" not in text
        assert all(not name.startswith("on") for _, attributes in tags(text) for name in attributes)
    assert sum("&lt;img src=x" in text for text in shown) >= 6


@pytest.mark.parametrize("asked", ASKED)
def test_nothing_breaks_the_content_security_policy(asked: Asked) -> None:
    for text in everything(asked):
        for tag, attributes in tags(text):
            assert "style" not in attributes
            assert tag != "style"
            assert tag != "script" or attributes.get("src"), "an inline script"
            for name in ("src", "href", "action"):
                assert not (attributes.get(name) or "").startswith(("http", "//", "javascript:")), attributes


@pytest.mark.parametrize("asked", ASKED)
def test_hidden_money_is_nowhere_in_the_html(asked: Asked) -> None:
    quiet, loud = replace(asked, amounts=False), everything(asked)
    for before, text in zip(loud, everything(quiet), strict=True):
        assert not AMOUNT.search(html.unescape(text))
        amounts = set(re.findall(r"(?:US)?\$[\d,.]+", before))
        digits = {re.sub(r"\D", "", amount) for amount in amounts}
        told = re.sub(r"[,.]", "", html.unescape(text))
        assert not [each for each in digits if len(each) > 4 and each in told]
    assert sum(bool(AMOUNT.search(html.unescape(text))) for text in loud) >= 4


def test_links_keep_the_choices_and_encode_names() -> None:
    quiet = Asked(amounts=False)
    links = [
        attributes["href"] for tag, attributes in tags(page("carts", quiet)) if tag == "a" and "href" in attributes
    ]
    assert "/shoppers/shopper-7?hide=money" in links
    assert any(link and link.startswith("/shoppers/%3Cimg%20src%3Dx") for link in links)
    assert "/churn?hide=money" in links


@pytest.mark.parametrize("name", BY_HAND)
def test_ids_are_unique_and_labels_lead_somewhere(name: str) -> None:
    found = list(tags(page(name, Asked(tags=True))))
    ids = [attributes["id"] for _, attributes in found if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in found:
        for target in (attributes.get("for"), *(attributes.get("aria-labelledby") or "").split()):
            assert target is None or target in ids


@pytest.mark.parametrize("name", BY_HAND)
def test_an_empty_store_and_no_store_say_what_to_do(name: str) -> None:
    fresh = sample.Freshness(as_of=0, behind=None, lag=None, workers=0)
    view = BY_HAND[name]
    empty = view._replace(
        answer=lambda *_: replace(view.answer(LOOKED, SHOWN, (), Asked().words("UTC")), freshness=fresh)
    )
    told = RENDERER.page(empty, RENDERER.sections(empty, Seen(replace(LOOKED, shards=())), Asked()), Asked())
    assert "make demo" in told
    assert "REDIS_URL" in page(name, Asked(), Seen(None))


def test_a_problem_is_told_with_the_time_of_the_last_look() -> None:
    problem = replace(LOOKED, problem="Connection <refused>")
    told = page("now", Asked(), Seen(problem))
    assert "Redis does not answer since 14:03:07." in told
    assert "Connection &lt;refused&gt;" in told


def test_the_verdicts_differ() -> None:
    view = BY_HAND["churn"]
    said = set()
    for verdict in ("none", "early", "good", "worse"):
        other = view._replace(answer=lambda *_, verdict=verdict: replace(sample.churn(), verdict=verdict))
        section = next(each for each in RENDERER.sections(other, SEEN, Asked()) if each.id == "churn-verdict")
        said.add(re.search(r"<h2>(.*?)</h2>", section.html, re.DOTALL)[1])  # type: ignore[index]
    assert len(said) == 4


def test_a_sick_shop_is_told_first() -> None:
    view = BY_HAND["health"]._replace(answer=lambda *_: sample.health("No worker: start one (`kairos worker`)."))
    text = next(each.html for each in RENDERER.sections(view, SEEN, Asked()) if each.id == "health-verdict")
    assert "1 thing is wrong:" in text
    assert "<code>kairos worker</code>" in text


def test_a_section_is_made_anew_only_where_what_it_shows_is_another() -> None:
    """By its template it is known what a section shows; what moves with each look is made each time."""
    renderer, answers = Renderer(SHOWN), iter([sample.now(), sample.now(), replace(sample.now(), products=())])
    view = VIEWS["now"]._replace(answer=lambda *_: next(answers))
    first, same, other = ({each.id: each for each in renderer.sections(view, SEEN, Asked())} for _ in range(3))
    kept = {name for name in first if same[name] is first[name]}
    assert kept == {"now-figures", "now-curve", "now-funnel", "now-minutes", "now-rising"}
    assert [name for name in kept if other[name].html != first[name].html] == ["now-rising"]
    assert other["now-curve"] is first["now-curve"]


def test_a_section_that_was_kept_is_that_of_the_same_reader() -> None:
    renderer, view = Renderer(SHOWN), BY_HAND["now"]
    shown, hidden = (
        {each.id: each.html for each in renderer.sections(view, SEEN, asked)}
        for asked in (Asked(), Asked(amounts=False))
    )
    assert "$" in shown["now-figures"]
    assert "$" not in hidden["now-figures"]


def test_what_all_templates_share_shows_nothing_of_an_answer() -> None:
    """Else a section would show more than its own template says."""
    source = (HOME / "templates" / "parts.html").read_text()
    assert not re.search(r"\b(answer|seen)\b", source)
