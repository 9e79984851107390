"""A real Kafka broker on this machine, without Docker: Java 17 and, for the first time, Maven.

python ops/kafka/local.py start [--port 9092] [--data DIR]     stop, status, fetch

In tests::

    with LocalKafka() as bootstrap:      # a free port, data in a temporary directory
        ...

A broker that was stopped starts again on its port with its data, which is how a test bounces it.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import fcntl
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from string import Template
from xml.etree import ElementTree

HERE = Path(__file__).resolve().parent
JARS = HERE / "lib"
OLDEST_JAVA = 17


class KafkaError(RuntimeError):
    """The broker, or what it needs, is not to be had; the message says why."""


def available() -> str | None:
    """Why no local broker can run here, or None if one can."""
    if shutil.which("java") is None:
        return "Java is not installed"
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version[1]) < OLDEST_JAVA:
        return f"Java {OLDEST_JAVA} or newer is needed, this is {version[1] if version else 'none that runs'}"
    if not fetched() and shutil.which("mvn") is None:
        return "Kafka's jars are not here yet, and Maven, which fetches them, is not installed"
    return None


def fetched() -> bool:
    pom = ElementTree.parse(HERE / "pom.xml")
    artifact, version = (pom.findtext(f".//dependency[1]/{tag}") for tag in ("artifactId", "version"))
    return (JARS / f"{artifact}-{version}.jar").exists()


def fetch() -> None:
    """Bring the jars into lib/, once. Safe when several processes try at the same time."""
    if fetched():
        return
    with tempfile.TemporaryDirectory(dir=HERE, prefix="lib-") as scratch:
        copy = ["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={scratch}/jars"]
        done = subprocess.run(copy, cwd=HERE, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        if done.returncode:
            raise KafkaError(f"Maven could not fetch Kafka's jars:\n{(done.stdout + done.stderr)[-2000:]}")
        if fetched():  # by another process, meanwhile
            return
        shutil.rmtree(JARS, ignore_errors=True)
        with contextlib.suppress(OSError):
            Path(scratch, "jars").rename(JARS)
    if not fetched():
        raise KafkaError("Maven ended well, but Kafka's jars are not in lib/")


def free_port() -> int:
    """A port that is free, from below those the system gives to outgoing connections: one of them could take the
    broker's port while it is down for a bounce."""
    while True:
        port = random.randrange(20_000, 30_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class LocalKafka:
    """One broker: its port and data stay the same over any number of `start` and `stop`."""

    def __init__(self, port: int | None = None, data: Path | None = None) -> None:
        self.port = port or free_port()
        self.bootstrap = f"127.0.0.1:{self.port}"
        self._temporary = data is None
        self.data = data or Path(tempfile.mkdtemp(prefix="kairos-kafka-"))
        self.log = self.data / "broker.log"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> str:
        try:
            return self.start()
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_exc: object) -> None:
        self.stop()
        if self._temporary:
            shutil.rmtree(self.data, ignore_errors=True)

    def start(self, timeout: float = 90) -> str:
        """Start, wait until it answers, and return the bootstrap address."""
        if running(self.data):
            raise KafkaError(f"a broker already runs on the data in {self.data}")
        fetch()
        properties = self._format()
        with self.log.open("ab") as log:
            # Its own session: Ctrl-C in the terminal must not reach the broker before its clients are done.
            self.process = subprocess.Popen(
                [*_java("-Xmx512m"), "kafka.Kafka", str(properties)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        (self.data / "broker.json").write_text(json.dumps({"pid": self.process.pid, "bootstrap": self.bootstrap}))
        self._wait_until_it_answers(timeout)
        return self.bootstrap

    def stop(self, timeout: float = 20) -> None:
        if self.process is not None:
            _end(self.process, timeout)
            self.process = None

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _format(self) -> Path:
        """Write server.properties, and prepare the data directory unless that is done already."""
        logs, properties = self.data / "logs", self.data / "server.properties"
        self.data.mkdir(parents=True, exist_ok=True)
        filled = Template((HERE / "server.properties").read_text())
        properties.write_text(filled.substitute(port=self.port, controller_port=free_port(), logs=logs))
        if not (logs / "meta.properties").exists():
            cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")
            tool = [*_java(), "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties)]
            done = subprocess.run(tool, capture_output=True, text=True, check=False)
            if done.returncode:
                raise KafkaError(f"formatting the broker's storage failed:\n{(done.stdout + done.stderr)[-2000:]}")
        return properties

    def _wait_until_it_answers(self, timeout: float) -> None:
        assert self.process is not None
        deadline = time.monotonic() + timeout
        while not answers(self.bootstrap):
            if self.process.poll() is not None:
                raise KafkaError(f"the broker ended with code {self.process.returncode}:\n{self._tail()}")
            if time.monotonic() > deadline:
                self.stop()
                raise KafkaError(f"no answer from the broker within {timeout:.0f} s; its log ends:\n{self._tail()}")
            time.sleep(0.1)

    def _tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])


def _java(*options: str) -> list[str]:
    return ["java", *options, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", f"{JARS}/*"]


def _end(process: subprocess.Popen[bytes], timeout: float) -> None:
    process.terminate()
    try:
        process.wait(timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def answers(bootstrap: str) -> bool:
    """Does a broker there answer a metadata request? An open port alone says little."""
    host, port = bootstrap.rsplit(":", 1)
    with contextlib.suppress(OSError):
        socket.create_connection((host, int(port)), timeout=1).close()
        # Imported here, so that `fetch` and `stop` need no package at all.
        from kafka.admin import KafkaAdminClient
        from kafka.errors import KafkaError as ClientError

        with contextlib.suppress(ClientError):
            admin = KafkaAdminClient(bootstrap_servers=bootstrap, bootstrap_timeout_ms=3_000, request_timeout_ms=5_000)
            try:
                return bool(admin.describe_cluster())
            finally:
                admin.close()
    return False


def running(data: Path) -> int | None:
    """The process id of the broker that holds the data, if any: Kafka keeps a lock on them as long as it lives."""
    lock = data / "logs" / ".lock"
    if not lock.exists():
        return None
    with lock.open("r+") as handle:
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return int(json.loads((data / "broker.json").read_text())["pid"])
    return None


def _stop_by_id(data: Path, timeout: float = 20) -> bool:
    pid = running(data)
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + timeout
    while running(data):
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description="A local Kafka broker without Docker.")
    parser.add_argument("command", choices=["start", "stop", "status", "fetch"])
    parser.add_argument("--port", type=int, default=9092)
    parser.add_argument("--data", type=Path, default=HERE / "var", help="default: ops/kafka/var")
    args = parser.parse_args()
    pid = running(args.data)
    if args.command in ("start", "fetch") and (reason := available()):
        print(f"kafka: {reason}", file=sys.stderr)
        return 1
    if args.command == "fetch":
        fetch()
    elif args.command == "start" and pid is None:
        print("kafka: starting (the first time fetches 45 MB)", flush=True)
        try:
            print(f"kafka: ready; KAFKA_URL=kafka://{LocalKafka(args.port, args.data).start()}")
        except KafkaError as error:
            print(f"kafka: {error}", file=sys.stderr)
            return 1
    elif args.command == "stop":
        print("kafka: stopped" if _stop_by_id(args.data) else "kafka: not running")
    else:
        known = json.loads((args.data / "broker.json").read_text()) if pid else {}
        print(f"kafka: running at {known['bootstrap']}, process {pid}" if pid else "kafka: not running")
        return 0 if pid else 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
