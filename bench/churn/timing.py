"""Operations timed, and their instructions counted.

Times are taken in rounds, in each of which every operation has its turn: so what two of them differ by is of the same
minutes. Instructions are counted by valgrind's callgrind, in a process of its own (``python -m bench.churn.timing``).
"""

from __future__ import annotations

import gc
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from bench.churn.operations import Operation, operations
from bench.churn.recording import Recorded
from bench.counting import missing

COUNTED = 50
"""Calls of a kind that are counted: the machine under callgrind is some fifty times as slow."""
IMPORT = "import time; begun = time.process_time(); from models.churn.rival import standard; standard()"
"""What a process does that makes the rival for the first time."""


def timed(made: Mapping[str, Operation], rounds: int) -> dict[str, list[float]]:
    """µs of processor time by operation and round, for one thing each."""
    found: dict[str, list[float]] = {name: [] for name in made}
    for operation in made.values():
        _run(operation)
    for _ in range(rounds):
        for name, operation in made.items():
            seconds, things = _run(operation)
            found[name].append(1e6 * seconds / things)
    return found


def _run(operation: Operation) -> tuple[float, int]:
    """Seconds that the calls take, and of how many things they are."""
    ready = operation.ready()
    gc.collect()
    gc.disable()
    begun = time.process_time()
    for call in ready:
        call()
    spent = time.process_time() - begun
    gc.enable()
    return spent, len(ready) * operation.things


def imported(times: int) -> list[float]:
    """Seconds of processor time in which a new process imports River."""
    code = f"{IMPORT}; print(time.process_time() - begun)"
    command = [sys.executable, "-c", code]
    return [float(subprocess.check_output(command, text=True, cwd=_root())) for _ in range(times)]


def _root() -> Path:
    return Path(__file__).resolve().parents[2]


def instructions(recorded: Recorded) -> dict[str, int]:
    """Instructions by operation, for one thing each; none without valgrind. Raises ValueError where it fails."""
    if missing():
        return {}
    with TemporaryDirectory() as folder:
        file, out = Path(folder, "recorded"), Path(folder, "out")
        file.write_bytes(msgspec.msgpack.encode(recorded))
        command = [
            "valgrind",
            "--tool=callgrind",
            "--dump-before=getpgid",
            "--instr-atstart=no",
            f"--callgrind-out-file={out}",
        ]
        command += [sys.executable, "-m", __spec__.name, str(file)]
        environment = os.environ | {"PYTHONHASHSEED": "0"}
        run = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=_root(), check=False)
        if run.returncode:
            raise ValueError(f"valgrind: {run.stderr[-800:]}")
        parts = sorted(Path(folder).glob("out.*"), key=lambda part: int(part.suffix[1:]))
        totals = [int(re.findall(r"^(?:totals|summary): (\d+)", part.read_text(), re.M)[-1]) for part in parts]
    told = [line.split("\t") for line in run.stdout.splitlines()]
    return {name: totals[2 * place + 1] // int(things) for place, (name, things) in enumerate(told)}


def main() -> None:
    """The process under callgrind: each operation once, then once more between two marks. Prints names, and how many
    things each was of."""
    recorded = msgspec.msgpack.decode(Path(sys.argv[1]).read_bytes(), type=Recorded)
    few = {kind: calls[:COUNTED] for kind, calls in recorded.calls.items()}
    made = operations(recorded._replace(calls=few))
    for operation in made.values():
        _run(operation)
    subprocess.run(["callgrind_control", "--instr=on", str(os.getpid())], stdout=subprocess.DEVNULL, check=True)
    for name, operation in made.items():
        ready = operation.ready()
        os.getpgid(0)  # nothing else calls it: here callgrind writes out what it counted since the last time
        for call in ready:
            call()
        os.getpgid(0)
        print(name, len(ready) * operation.things, sep="\t")


if __name__ == "__main__":
    main()
