"""What processes have used, read from ``/proc`` (Linux): nothing is asked of the process itself."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
LOOP = 1_000_000


def cpu(pid: int) -> float:
    """User and system seconds of a process so far, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def peak(pid: int) -> float:
    """The most memory a process ever held at once, in MiB."""
    return _memory(pid, "VmHWM")


def resident(pid: int) -> float:
    """The memory a process holds now, in MiB."""
    return _memory(pid, "VmRSS")


def _memory(pid: int, field: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(field))) / 1024


def wakeups(pid: int) -> int:
    """How often the threads of a process that live now have gone to sleep so far: as often as they were woken."""
    told = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/status")]
    return sum(int(text.split("\nvoluntary_ctxt_switches:")[1].split()[0]) for text in told)


def children(pid: int) -> list[int]:
    """Processes it has started and that still live."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def yardstick() -> float:
    """Milliseconds of CPU a fixed loop takes now: on a shared machine it tells how much a run was disturbed."""
    start = time.process_time()
    total = 0
    for number in range(LOOP):
        total += number
    return (time.process_time() - start) * 1000


def machine() -> str:
    """Processor, cores, memory and system in one line."""
    info = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":", 1)[1].strip() for line in info if line.startswith("model name")), platform.machine())
    release = ".".join(platform.release().split(".")[:2])
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {release}"
