"""All tests, in two runs of pytest: `python -m tests.run`, with any options of pytest.

First those that need no server, in several processes. Then those that do, one after the other: they wait for what
servers and workers do in time, and have the machine for themselves.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence

import pytest

TOGETHER = ("-n", "auto", "--maxprocesses", "4", "--dist", "worksteal")
RUNS: tuple[tuple[str, Sequence[str]], ...] = (("not servers", TOGETHER), ("servers", ()))
"""Marks of the tests of a run, and its options."""


def commands(options: Sequence[str]) -> list[list[str]]:
    """The runs, with the options asked for. A choice by marks (-m) holds in both.

    >>> [command[2:] for command in commands(["-m", "slow", "-k", "cart"])][1]
    ['pytest', '-k', 'cart', '-m', '(slow) and servers']
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-m", dest="marks")
    chosen, others = parser.parse_known_args(options)
    run = [sys.executable, "-m", "pytest"]
    return [
        [*run, *own, *others, "-m", f"({chosen.marks}) and {marks}" if chosen.marks else marks] for marks, own in RUNS
    ]


def outcome(codes: Sequence[int]) -> int:
    """One exit code for both runs: that of the first that failed. Where one had no tests the other one's counts.

    >>> outcome([0, 1]), outcome([5, 0]), outcome([5, 5])
    (1, 0, 5)
    """
    told = [code for code in codes if code != pytest.ExitCode.NO_TESTS_COLLECTED]
    return next((code for code in told if code), 0) if told else int(pytest.ExitCode.NO_TESTS_COLLECTED)


def main() -> int:
    """Run the tests. Ctrl-C ends both runs."""
    codes: list[int] = []
    for command in commands(sys.argv[1:]):
        codes.append(subprocess.run(command, check=False).returncode)
        if codes[-1] == pytest.ExitCode.INTERRUPTED:
            break
    return outcome(codes)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(int(pytest.ExitCode.INTERRUPTED))
