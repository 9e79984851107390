"""The picture shows the numbers it was given."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from bench import chart
from bench.delays import Delays
from bench.figures import Run
from bench.live import Pace
from bench.peers import EXTRA, PEERS
from bench.quantiles import Quantiles
from bench.results import Results, Table
from bench.watched import Used

SVG = "{http://www.w3.org/2000/svg}"


def run(peer: str, worker: float, redis: float = 0.0) -> Run:
    return Run(peer, 9, rate=1, worker=worker, redis=redis, kafka=4.0, whole=3, outputs=0.5, peak=99, loop=30)


@pytest.fixture
def found():
    runs = [run("kairos", 30, 6), run("faust", 300, 96), run("kairos", 50, 6), run("faust", 300, 96)]
    few = Quantiles(9, 5, 20, 30)
    told = Delays(appended=few, intended=Quantiles(9, 10, 40, 50), sender=few, timers=None, silent=None)
    used = Used(0.5, 0.1, 40, 900)
    live = [Pace(0, 9, "abc", False, used, None), Pace(1_000, 9, "abc", False, used, told)]
    return Results(tables={"stream": Table(runs, 1.0)}, live=live)


def drawn(found: Results) -> ElementTree.Element:
    return ElementTree.fromstring(chart.svg(found).encode())


def test_bars_are_as_long_as_the_numbers(found):
    widths = [float(bar.attrib["width"]) for bar in drawn(found).iter(f"{SVG}rect") if bar.attrib.get("height") == "18"]
    scale = chart.BARS / 400
    assert widths == pytest.approx([40 * scale, 6 * scale, 4 * scale, 300 * scale, 96 * scale, 4 * scale, 110, 330])


def test_it_says_them_too(found):
    texts = [text.text for text in drawn(found).iter(f"{SVG}text")]
    assert "worker 40.0, 1/8.0 of stock Faust" in texts
    assert "worker 300.0" in texts
    assert "p50 10, p99 40" in texts


def test_the_same_numbers_make_the_same_picture(found):
    assert chart.svg(found) == chart.svg(found)


def test_every_peer_has_a_name():
    assert set(chart.LABELLED) == set(PEERS | EXTRA)
