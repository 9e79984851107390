"""The reference's merge, against orders worked out by hand."""

from __future__ import annotations

from models.kernel.settings import DAY, HOUR, MINUTE
from tests.reference.logs import INPUTS, START, Logs
from tests.reference.merge import heads, merge
from tests.reference.world import World


def folded(logs: Logs) -> list[tuple[str, int]]:
    """(topic, offset) of the records in the order of folding."""
    world = World(0, 1, INPUTS, logs.settings)
    steps = merge(heads(logs.shard(), INPUTS, world.read))
    return [(step.source.topic, step.record.offset) for step in steps if step.source and step.record]


def test_an_instant_is_ordered_click_cart_order_whatever_was_written_first() -> None:
    logs = Logs()
    logs.track("Order Completed", "u", 5, order_id="o", revenue=1)
    logs.track("Product Added", "u", 5, product_id="p")
    logs.track("Page Viewed", "u", 5)
    logs.tick(6)
    assert folded(logs) == [("clickstream", 0), ("cart", 0), ("orders", 0)]


def test_without_a_promise_the_silent_input_is_waited_for() -> None:
    logs = Logs()
    logs.track("Page Viewed", "u", 5)
    logs.track("Product Added", "u", 7, product_id="p")
    assert folded(logs) == []
    logs.tick(5, ["orders"])  # equal time, higher rank: the click may go, the cart's 7 may not
    assert folded(logs) == [("clickstream", 0)]


def test_equal_promise_of_a_lower_rank_holds_a_record_back() -> None:
    logs = Logs()
    logs.track("Order Completed", "u", 5, order_id="o", revenue=1)
    logs.tick(5, ["clickstream", "cart"])
    assert folded(logs) == []
    logs.tick(6, ["clickstream", "cart"])
    assert folded(logs) == [("orders", 0)]


def test_a_late_record_takes_the_time_of_the_promise() -> None:
    logs = Logs()
    logs.tick(100, ["clickstream"])
    logs.track("Page Viewed", "u", 10)  # offset 1, key 100
    logs.track("Product Added", "u", 50, product_id="p")
    logs.tick(200)
    assert folded(logs) == [("cart", 0), ("clickstream", 1)]
    assert logs.world().counts["late"] == 1


def test_out_of_order_within_a_log_is_late_and_time_does_not_go_back() -> None:
    logs = Logs()
    logs.track("Page Viewed", "u", 100)
    logs.track("Page Viewed", "u", 50)
    logs.tick(101)
    world = logs.world()
    assert folded(logs) == [("clickstream", 0), ("clickstream", 1)]
    assert world.counts["late"] == 1
    assert [own.now - START for own in world.shoppers["u"].history] == [100, 100]


def test_the_end_is_where_the_slowest_input_stands() -> None:
    logs = Logs()
    logs.tick(DAY, ["clickstream", "cart"])
    logs.tick(HOUR, ["orders"])
    logs.track("Order Completed", "u", 2 * HOUR, order_id="o", revenue=1)
    world = logs.world()
    assert world.watermark == START + 2 * HOUR
    assert world.counts["ticks"] == 3


def test_a_record_at_the_due_folds_first_and_a_timer_below_the_watermark_fires() -> None:
    logs = Logs()
    logs.track("Product Added", "u", 0, product_id="p")
    logs.track("Order Completed", "u", 30 * MINUTE, order_id="o", revenue=1)
    logs.tick(HOUR)
    assert logs.told("cart-abandonments") == []
    assert logs.world().counts["carts_closed"] == 1


def test_a_record_without_a_time_goes_at_the_promise() -> None:
    logs = Logs()
    logs.tick(10, ["cart"])
    logs.write("cart", 0, b"no json")
    logs.track("Page Viewed", "u", 5)
    logs.tick(20)
    assert folded(logs) == [("clickstream", 0), ("cart", 1)]
    assert logs.world().counts["dead:not_json"] == 1
