"""``python -m bench.decoding CHECKOUT``: what decoding a message costs here and in another checkout, paired.

Both decode the same messages, in turns, each in a process of its own; a figure is the median of the rounds' ratios.
With `--instructions` valgrind counts instead, whatever else the machine does.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parents[1]
EACH = 3_000
"""Messages of a kind."""
WORK = """
import sys, time
sys.path.insert(0, sys.argv[1])
from models.decoding.decoder import Decoder
from models.features import ShopSettings
read, values = Decoder(ShopSettings()).read, sys.stdin.buffer.read().splitlines()[: int(sys.argv[2])]
best = 1e9
for _ in range(int(sys.argv[3])):
    start = time.process_time()
    for value in values:
        read(value, 1795256100000)
    best = min(best, (time.process_time() - start) / max(1, len(values)))
print(best)
"""
PASSES = 20
"""The best of so many counts, where seconds are measured."""
LINE = {"product_id": "p1", "price": 1.5, "quantity": 2}
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "page": ("Page Viewed", {}),
    "view": ("Product Viewed", {"product_id": "p1", "category": "shoes"}),
    "cart": ("Product Added", {"cart_id": "c7", "product_id": "p1", "price": 59.9, "quantity": 1}),
    "order": ("Order Completed", {"order_id": "o1", "revenue": 12.5, "products": [LINE]}),
}
"""Good messages. The mix is 6 pages and 6 views to 2 cart events and an order."""
MIX = ["page"] * 6 + ["view"] * 6 + ["cart"] * 2 + ["order"]


def messages(kinds: list[str]) -> bytes:
    """Lines of calls, with ids as long as those of real feeds."""
    calls = []
    for number in range(EACH):
        event, properties = KINDS[kinds[number % len(kinds)]]
        who = {"userId": f"u{number % 500}", "anonymousId": f"6ba7b811-9dad-11d1-80b4-{number:012}"}
        call = {"messageId": f"6ba7b810-9dad-11d1-80b4-{number:012}", "type": "track", "event": event, **who}
        call |= {"timestamp": "2026-11-21T10:15:00.000Z", "context": {"timezone": "Asia/Shanghai"}}
        calls.append(json.dumps(call | {"properties": properties}).encode())
    return b"\n".join(calls)


def seconds(checkout: Path, lines: bytes) -> float:
    """CPU seconds a message in a process of its own."""
    command = [sys.executable, "-c", WORK, str(checkout), str(EACH), str(PASSES)]
    return float(subprocess.run(command, input=lines, capture_output=True, check=True, cwd=checkout).stdout)


def instructions(checkout: Path, lines: bytes) -> float:
    """Instructions a message, counted. Raises ValueError where valgrind fails."""
    found = []
    for count in (0, EACH):
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable, "-c", WORK]
        run = subprocess.run([*command, str(checkout), str(count), "1"], input=lines, capture_output=True, check=False)
        match = re.search(rb"Collected : (\d+)", run.stderr)
        if run.returncode or match is None:
            raise ValueError(f"valgrind: {run.stderr[-400:]!r}")
        found.append(int(match[1]))
    return (found[1] - found[0]) / EACH


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=Path, help="folder of the other checkout, such as `git worktree add` makes")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--instructions", action="store_true", help="count instructions by valgrind")
    options = parser.parse_args()
    if options.instructions and not shutil.which("valgrind"):
        sys.exit("bench: valgrind is not installed (Debian: apt install valgrind)")
    for name, kinds in {"mix": MIX, **{name: [name] for name in KINDS}}.items():
        lines = messages(kinds)
        measure, rounds = (instructions, 1) if options.instructions else (seconds, options.rounds)
        pairs = [(measure(options.checkout, lines), measure(HERE, lines)) for _ in range(rounds)]
        ratio = median(here / there for there, here in pairs)
        print(f"{name:<6} {ratio:.2f} of the other's ({rounds} {'round' if rounds == 1 else 'rounds'})", flush=True)


if __name__ == "__main__":
    main()
