"""Where settings come from: the environment wins over the file, the file over the default. A name that is none of ours
is an error, wherever it stands: a setting that silently does nothing is found by its damage."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping

from kairos.config import config_file
from kairos.config.config_file import Given
from kairos.config.variables import VARIABLES
from kairos.errors import SettingsError

CONFIG = "KAIROS_CONFIG"
"""Names the settings file."""
ENV = "env"

TESTS = frozenset({"KAIROS_REQUIRE_KAFKA", "KAIROS_REQUIRE_BROWSER", "KAIROS_DATA", "KAIROS_GA360"})
"""Variables of the tests."""
KUBERNETES = re.compile(r"KAIROS_(\w+_)?(SERVICE_(HOST|PORT)(_\w+)?|PORT(_\d+_(TCP|UDP)(_\w+)?)?)")
"""What Kubernetes sets in every pod for a service whose name begins with `kairos`."""


def given(environ: Mapping[str, str] | None = None, file: str | None = None) -> dict[str, Given]:
    """Every setting that was given, by the name of its variable. An empty variable counts as unset.

    Parameters
    ----------
    environ
        The environment; by default this process's.
    file
        A settings file; by default the one KAIROS_CONFIG names, if any.

    Raises
    ------
    SettingsError
        The file is no good, or a name is no setting's.
    """
    environ = os.environ if environ is None else environ
    for name in sorted(environ):
        if unknown(name):
            raise SettingsError(f"{name}: no such setting{nearest(name)}")
    path = file or environ.get(CONFIG, "")
    found = config_file.read(path) if path else {}
    return found | {name: Given(environ[name], ENV) for name in VARIABLES if environ.get(name)}


def unknown(name: str) -> bool:
    """Whether a variable looks like ours and is nobody's."""
    if not name.startswith("KAIROS_") or name in VARIABLES or name in TESTS or name == CONFIG:
        return False
    return not KUBERNETES.fullmatch(name)


def nearest(name: str) -> str:
    """Which variable may be meant by one that is none.

    >>> nearest("KAIROS_NAMESPCE"), nearest("KAIROS_X")
    ('; did you mean KAIROS_NAMESPACE?', '; `kairos settings` lists all, unset it')
    """
    near = difflib.get_close_matches(name, VARIABLES, n=1, cutoff=0.75)
    return f"; did you mean {near[0]}?" if near else "; `kairos settings` lists all, unset it"
