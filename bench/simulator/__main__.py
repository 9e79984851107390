"""``python -m bench.simulator``: simulate, measure, write docs/simulator.md. Takes a minute or two."""

from __future__ import annotations

import sys

from msgspec.structs import replace

from bench.simulator import measure, real, simulated
from bench.simulator.page import page
from bench.simulator.rates import HITS, PURCHASES
from kairos.simulate.settings import CALIBRATED
from kairos.simulate.shop import Shop
from models.kernel.settings import DAY

SHOPPERS = 100_000
WEEKS = 39
PAGE = real.CHECKOUT / "docs" / "simulator.md"


def main() -> int:
    """Write the page; 1 if a rate is not within its tolerance."""
    quarter = replace(CALIBRATED, shoppers=SHOPPERS, end=CALIBRATED.start + 90 * DAY)
    hits = measure.hits(simulated.hits(Shop(quarter)))
    whole = replace(CALIBRATED, shoppers=SHOPPERS, end=CALIBRATED.start + WEEKS * 7 * DAY)
    bought = measure.purchases(*simulated.purchases(Shop(whole)))
    retail = measure.purchases(real.online_retail(), real.ONLINE_RETAIL_END)
    PAGE.write_text(page(hits, bought, retail, SHOPPERS, WEEKS))
    missed = [rate.what for rate in HITS if not rate.holds(hits[rate.key])]
    missed += [rate.what for rate in PURCHASES if not rate.holds(bought[rate.key])]
    print(f"{PAGE.relative_to(real.CHECKOUT)} is written; beyond tolerance: {', '.join(missed) or 'nothing'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
