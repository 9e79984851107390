"""`python -m kairos.contract [FOLDER]`: write the contract's documents, by default into docs/contract."""

from __future__ import annotations

import sys
from pathlib import Path

from kairos.contract import tags
from kairos.contract.documents import write

DOCS = Path(__file__).resolve().parents[2] / "docs"
FOLDER = DOCS / "contract"

if __name__ == "__main__":
    for path in write(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER):
        print(path)
    if len(sys.argv) == 1:
        tags.write(DOCS / "tags.md")
