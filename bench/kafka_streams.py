"""The peer in Java (`bench/kstreams`): what builds it, how it is started, what its states say."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bench.worker import WorkerFailed

if TYPE_CHECKING:
    from bench.workers.common import Config

HOME = Path(__file__).resolve().parent / "kstreams"
BUILT = HOME / "target"
CLASSES = f"{BUILT / 'classes'}:{BUILT / 'lib'}/*"
COMMAND = ["java", "-Xms512m", "-Xmx512m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", CLASSES, "Main"]


def missing() -> str:
    """Why it cannot be had here; "" if it can."""
    if shutil.which("mvn") is None and not (BUILT / "lib").exists():
        return "Maven, which compiles it and fetches its jars, is not installed"
    return ""


def build() -> None:
    """Compile it, and the first time fetch its jars (60 MB). Raises WorkerFailed."""
    if shutil.which("mvn") is None:
        return
    package = ["mvn", "-q", "-B", "package"]
    done = subprocess.run(package, cwd=HOME, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise WorkerFailed(f"Maven could not build the peer in Java:\n{(done.stdout + done.stderr)[-2000:]}")


def environment(config: Config) -> dict[str, str]:
    """What it is told."""
    return {
        "BROKERS": ",".join(config.brokers),
        "REDIS": config.redis,
        "GROUP": config.group,
        "TOPICS": ",".join(config.topics),
        "OUT": next(iter(config.outputs.values())),
        "STEP": str(config.step),
        "EVENTS": str(config.events),
    }


def events(packed: bytes) -> int:
    """Events in a state: the first of its fields."""
    return int(msgspec.msgpack.decode(packed)[0])
