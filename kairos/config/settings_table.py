"""Every setting with its value and source: `kairos settings`; and all of them as a page: docs/settings.md.

python -m kairos.config.settings_table > docs/settings.md
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct
from rich.console import Console

from kairos.config.config_file import Given
from kairos.config.settings import Settings, made
from kairos.config.values import shown
from kairos.config.variables import VARIABLES, Variable
from kairos.terminal.lines import say, say_json

DEFAULT = "default"
GROUPS = {
    "kafka": "Where events come from and messages go.",
    "redis": "Where profiles live.",
    "topics": "What the topics are called; several inputs of a kind are separated by commas.",
    "engine": "How a worker works. The defaults suit a machine of its own with 8 partitions.",
    "log": "What a worker tells ([operations.md](operations.md#logs)).",
    "metrics": "Where a worker can be watched ([operations.md](operations.md#metrics)).",
    "dashboard": "The live page and the read API, `kairos dashboard` ([read-api.md](read-api.md)).",
    "shop": "The shop's rules.",
    "limits": "What a message may hold; beyond it, it is a dead letter ([contract.md](contract.md)).",
}
HEAD = """\
# Settings

Generated from `kairos/config/variables.py` and what features declare:
`python -m kairos.config.settings_table > docs/settings.md`.

A setting is an environment variable, or a key in a TOML file. `KAIROS_CONFIG` names the file, or an option that stands
before the command: `kairos --config FILE worker`. The environment wins over the file, the file over the default; empty
variables count as unset. A name that is no setting is an error and names the nearest one: any key of the file, and any
variable that begins with `KAIROS_` (but for those that Kubernetes makes of services so called).

`kairos settings` shows all of them, with the source of each; passwords are hidden.

```toml
[kafka]
url = ["kafka-1:9092", "kafka-2:9092"]

[redis]
url = "redis://kairos:PASSWORD@redis:6379/0"

[shop]
half_life = "90d"
anonymous_carts = true
```

A duration is a number and its unit: `ms`, `s`, `m`, `h`, `d` or `w`. Money is in minor units. A list is separated by
commas, or a list in TOML. Keep a file that holds a password readable by its user alone.
"""


class Row(Struct, frozen=True):
    """A setting as it is: `value` "" if it is not set, with no password in it."""

    name: str
    key: str
    value: str
    source: str


def rows(given: Mapping[str, Given]) -> list[Row]:
    """Every setting. SettingsError if one is no good."""
    settings = made(given)
    return [
        Row(name, v.key, shown(v, value(settings, v)), given[name].source if name in given else DEFAULT)
        for name, v in VARIABLES.items()
    ]


def value(settings: Settings, variable: Variable) -> Any:
    """A setting's value."""
    found: Any = settings
    for part in variable.target.split("."):
        found = found[part] if isinstance(found, Mapping) else getattr(found, part)
    return found


def show(console: Console, table: list[Row], *, as_json: bool = False) -> None:
    """Print settings, for people or as one JSON list."""
    if as_json:
        say_json(msgspec.json.encode(table))
        return
    names, values = (max(map(len, column)) for column in (list(VARIABLES), [row.value for row in table]))
    for row in table:
        say(console, f"{row.name:<{names}}  {row.value or '-':<{min(values, 40)}}  {row.source}")


def page() -> str:
    """docs/settings.md."""
    return HEAD + "".join(_section(group, about) for group, about in GROUPS.items())


def _section(group: str, about: str) -> str:
    rows = "".join(_line(v) for v in VARIABLES.values() if v.key.startswith(f"{group}."))
    return f"\n## `[{group}]`\n\n{about}\n\n| key | variable | default | |\n|---|---|---|---|\n{rows}"


def _line(variable: Variable) -> str:
    default = shown(variable, value(DEFAULTS, variable))
    written, doc = f"`{default}`" if default else "", variable.doc.replace("|", "\\|")
    return f"| `{variable.key.partition('.')[2]}` | `{variable.name}` | {written} | {doc} |\n"


DEFAULTS = made({})


if __name__ == "__main__":
    print(page(), end="")
