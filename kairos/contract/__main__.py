"""`python -m kairos.contract [FOLDER]`: write the contract's documents, by default into docs/contract, and then the
tables of docs/tags.md, docs/feeds.md and docs/contract.md."""

from __future__ import annotations

import sys
from pathlib import Path

from kairos.contract import names, tags, tolerance
from kairos.contract.documents import write

DOCS = Path(__file__).resolve().parents[2] / "docs"
FOLDER = DOCS / "contract"
PAGES = {"tags.md": tags.page, "feeds.md": names.page, "contract.md": tolerance.page}

if __name__ == "__main__":
    for path in write(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER):
        print(path)
    if len(sys.argv) == 1:
        for name, page in PAGES.items():
            (DOCS / name).write_text(page((DOCS / name).read_text("utf-8")), "utf-8")
