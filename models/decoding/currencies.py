"""How many decimals a currency has: the exponents of ISO 4217."""

from __future__ import annotations

EXPONENTS = {
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
"""The currencies that do not have two decimals. Source: ISO 4217, list one."""


def exponent(currency: str) -> int:
    """The number of decimals of a currency's minor unit: 2 unless the table says otherwise.

    >>> exponent("EUR"), exponent("JPY"), exponent("KWD"), exponent("UYW")
    (2, 0, 3, 4)
    """
    return EXPONENTS.get(currency, 2)
