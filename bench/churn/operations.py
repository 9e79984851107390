"""What is timed: each operation as calls without arguments, made ready beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import cycle, islice
from typing import Any, NamedTuple

from msgspec.structs import replace

from bench.churn.recording import CLICK, LABEL, ORDER, Recorded
from bench.fold_instructions import Call, read
from kairos.config.settings import load
from models.churn.counts import Counts
from models.churn.covariates import covariates
from models.churn.model import NAME as MODEL
from models.churn.model import Model
from models.churn.rollout import path, path_many
from models.churn.table import ModelTable
from models.features import SHOPPERS
from models.kernel.boundaries import boundary
from models.kernel.effects import Context
from models.kernel.moment import slot
from models.kernel.settings import DAY
from models.kernel.vocabulary import Vocabulary
from models.orders.buying import Buying
from models.profile import codec
from models.rfm.cuts import NAME as CUTS
from models.rfm.cuts import Cuts
from streams.fold import PRODUCTION

HORIZON = 90
"""Days of a score."""
BATCHES = (1, 8, 32, 256)
ON, OFF = "with the model", "without"
PLAIN, COVARIATES = "score, plain Python", "covariates"
COMPUTED, IDLE, DECODED = "table, computed", "table, computed without labels", "table, unpacked"

Ready = Sequence[Callable[[], object]]


class Operation(NamedTuple):
    """One kind of work: what makes its calls ready, and of how many things each call is."""

    ready: Callable[[], Ready]
    things: int = 1


def batch(size: int) -> str:
    """The name of a score of so many buyers together."""
    return f"score, numpy, {size} together"


def operations(recorded: Recorded) -> dict[str, Operation]:
    """All of them, by name."""
    on, off = _contexts(recorded, "1d"), _contexts(recorded, "0")
    made = {
        f"{kind}, {name}": Operation(partial(_folds, recorded.calls[kind], contexts))
        for kind in (ORDER, CLICK)
        for name, contexts in ((ON, on), (OFF, off))
    }
    made[LABEL] = Operation(partial(_folds, recorded.calls[LABEL], on))
    return made | _scores(recorded, on) | _tables(recorded)


def _contexts(recorded: Recorded, every: str) -> dict[int, Context]:
    """A context for each day's tables; where there are none every day, the cuts are those of the day all the same."""
    settings = load({"KAIROS_TABLE_EVERY": every}).shop
    contexts = {}
    for version, (cuts, model) in recorded.tables.items():
        ctx = contexts[version] = PRODUCTION.context(settings, vocabulary=Vocabulary(recorded.names))
        ctx.enforce(CUTS, Cuts.decode(cuts))
        if settings.table_every:
            ctx.enforce(MODEL, Model.decode(model))
    return contexts


def _folds(calls: Sequence[Call], contexts: Mapping[int, Context]) -> Ready:
    """The recorded calls, their profiles and messages read."""
    ready: list[Callable[[], object]] = []
    for call, reading in zip(calls, read(calls), strict=True):
        p, ctx = codec.decode(call.packed or b""), contexts[call.version]
        if reading is None:
            ready.append(partial(PRODUCTION.timer, ctx, call.user, p, call.at))
        else:
            ready.append(partial(PRODUCTION.event, ctx, call.user, p, reading, call.at))
    return ready


def _scores(recorded: Recorded, contexts: Mapping[int, Context]) -> dict[str, Operation]:
    """Paths of `HORIZON` days of the buyers at hand, one by one and together."""
    known = [(found, call.at / DAY) for call in recorded.calls[LABEL] if (found := _buying(call)) is not None]
    model: Model = contexts[max(contexts)].tables[MODEL]
    buyers, now = [buying for buying, _ in known], max(at for _, at in known)
    plain = [partial(path, buying, at, HORIZON, model.level, model.hazard) for buying, at in known]
    once = [partial(covariates, buying, at, model.level) for buying, at in known]
    made = {PLAIN: Operation(lambda: plain), COVARIATES: Operation(lambda: once)}
    for size in BATCHES:
        together = [partial(path_many, list(islice(cycle(buyers), size)), now, HORIZON, model.level, model.hazard)]
        made[batch(size)] = Operation(partial(list, together * 20), size)
    return made


def _buying(call: Call) -> Buying | None:
    history: Any = slot(codec.decode(call.packed or b""), SHOPPERS.named["orders"])
    found: Buying | None = history.buying()
    return found if found is not None and found.occasions else None


def _tables(recorded: Recorded) -> dict[str, Operation]:
    """The newest model, made from what was counted for it, and from the same without the sequence of labels."""
    settings, newest = load({}).shop, boundary(max(recorded.tables))
    idle = replace(Counts.decode(recorded.counts), sequence=bytearray()).encode()
    computed = ModelTable().computed
    return {
        COMPUTED: Operation(lambda: [partial(computed, settings, newest, [recorded.counts], recorded.before)]),
        IDLE: Operation(lambda: [partial(computed, settings, newest, [idle], recorded.before)]),
        DECODED: Operation(lambda: [partial(Model.decode, recorded.before)]),
    }
