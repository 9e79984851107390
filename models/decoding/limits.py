"""What the settings say about reading a message: bounds of strings, ids and quantities, and the money."""

from __future__ import annotations

from collections.abc import Sequence

from models.decoding.money import Converter
from models.decoding.rejections import ABSURD_QUANTITY, TOO_LARGE, WRONG_TYPE, Refused
from models.kernel.settings import Settings


class Terms:
    """The shop's terms for one message after the other.

    Attributes
    ----------
    cut
        Strings cut since it was last set to 0.
    money
        The shop's currency and rates.
    """

    def __init__(self, settings: Settings) -> None:
        self.limits = settings.limits
        self._max_string = settings.limits.max_string
        self.money = Converter(settings)
        self.cut = 0

    def text(self, value: str | None) -> str:
        """A string that is no id, cut to `max_string` characters; "" where there is none."""
        if not value:
            return ""
        if len(value) > self._max_string:
            self.cut += 1
            return value[: self._max_string]
        return value

    def ident(self, name: str, value: str | None) -> str:
        """An id as it is; "" where there is none. Raises Refused (`too_large`) beyond `max_id_bytes` of UTF-8."""
        if not value:
            return ""
        limit = self.limits.max_id_bytes
        if len(value) * 4 > limit and len(value.encode()) > limit:
            raise Refused(TOO_LARGE, f"{name} has more than {limit} bytes")
        return value

    def quantities(self, stated: Sequence[float | None]) -> list[int]:
        """Quantities of products: whole, at most `max_quantity`; 1 where none is stated.

        Raises
        ------
        Refused
            `wrong_type`: one is not whole. `absurd_quantity`: one is over the limit.

        Examples
        --------
        >>> Terms(Settings()).quantities([None, 2.0, 0])
        [1, 2, 0]
        """
        given = [1 if quantity is None else quantity for quantity in stated]
        whole = [int(quantity) for quantity in given]
        if whole != given:
            raise Refused(WRONG_TYPE, "a quantity is not whole")
        if whole and max(whole) > self.limits.max_quantity:
            raise Refused(ABSURD_QUANTITY, f"a quantity is over {self.limits.max_quantity}: {max(whole)}"[:100])
        return whole

    def quantity(self, stated: float | None) -> int:
        """One quantity, by the same rules."""
        if stated is None:
            return 1
        if isinstance(stated, int) and stated <= self.limits.max_quantity:
            return stated
        return self.quantities((stated,))[0]

    def products(self, count: int) -> None:
        """Refuses (`too_large`) more than `max_products` products."""
        if count > self.limits.max_products:
            raise Refused(TOO_LARGE, f"{count} products, more than {self.limits.max_products}")
