"""Which tags there are, from the registry of features: the table of docs/tags.md, and what the schema says of `tag`."""

from __future__ import annotations

from kairos.contract.tables import table, written
from models.features import SHOPPERS
from models.fold import Fold


def names(fold: Fold = SHOPPERS) -> list[str]:
    """Every tag, in the order of telling; of a family ``interest:<category>``."""
    return [tag.name for feature in fold.features for tag in feature.tags]


def page(text: str, fold: Fold = SHOPPERS) -> str:
    """docs/tags.md with its table written anew: when each tag begins and ends."""
    rows = [(f"`{tag.name}`", tag.enters, tag.exits) for feature in fold.features for tag in feature.tags]
    return written(text, "tags", table(("tag", "enters", "exits"), rows))
