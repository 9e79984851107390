"""Files of the page: uPlot is npm's, the wheel has all of them, and together they stay small."""

from __future__ import annotations

import base64
import hashlib
import io
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from dashboard.pages.render import HOME, STATIC

PACKAGE = "uplot@1.6.32"
INTEGRITY = "sha512-KIMVnG68zvu5XXUbC4LQEPnhwOxBuLyW1AHtpm6IKTXImkbLgkMy+jabjLgSLMasNuGGzQm/ep3tOkyTxpiQIw=="
"""Of the package, as npm's registry has it."""
FILES = {
    "uplot-1.6.32.min.js": (
        "dist/uPlot.iife.min.js",
        "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f",
    ),
    "uplot-1.6.32.min.css": ("dist/uPlot.min.css", "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04"),
    "uplot-1.6.32.LICENSE": ("LICENSE", "8f989229699b4fe2f1a0432d0e9edc338a8a911e250e2d1b01ecd770a5f5b1bd"),
}
"""Ours: theirs in the package, and its SHA-256."""
LARGEST = 120_000
"""Bytes of scripts and styles."""


@pytest.mark.parametrize("name", FILES)
def test_uplot_is_as_it_was_taken_from_the_package(name: str) -> None:
    assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == FILES[name][1]


@pytest.mark.slow
def test_uplot_is_what_npm_has(tmp_path: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    ran = subprocess.run([npm, "pack", PACKAGE, "--silent"], cwd=tmp_path, capture_output=True, timeout=60, check=False)
    if ran.returncode:
        pytest.skip("npm's registry does not answer")
    packed = next(tmp_path.glob("*.tgz")).read_bytes()
    assert "sha512-" + base64.b64encode(hashlib.sha512(packed).digest()).decode() == INTEGRITY
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for name, (theirs, _) in FILES.items():
            member = archive.extractfile(f"package/{theirs}")
            assert member is not None
            assert member.read() == (STATIC / name).read_bytes()


def test_what_a_browser_loads_is_small() -> None:
    assert sum(path.stat().st_size for path in STATIC.iterdir() if path.suffix in (".js", ".css")) < LARGEST


@pytest.mark.slow
def test_the_wheel_has_every_file(tmp_path: Path) -> None:
    from hatchling.builders.wheel import WheelBuilder

    root = HOME.parents[1]
    wheel = next(iter(WheelBuilder(str(root)).build(directory=str(tmp_path), versions=["standard"])))
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    wanted = [path for path in (HOME.parent).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert {str(path.relative_to(root)) for path in wanted} <= names
    assert any(name.endswith("zh_CN.po") for name in names)
    assert any(name.endswith("view.html") for name in names)
