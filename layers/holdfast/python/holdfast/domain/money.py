"""Money in minor units: never a float, never a fraction of a cent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_MINOR_DIGITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"), 0),
    **dict.fromkeys(("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""ISO 4217 minor units that are not 2."""

_DECIMAL = re.compile(r"(\d{1,18})(?:\.(\d{1,3}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` is in the currency's smallest unit: cents for EUR, yen for JPY."""

    minor: int
    currency: str

    def __mul__(self, times: int) -> Money:
        return Money(self.minor * times, self.currency)

    def percent(self, percentage: int) -> Money:
        """That share of it, half a minor unit rounded up."""
        return Money((self.minor * percentage + 50) // 100, self.currency)

    @property
    def amount(self) -> str:
        """As a decimal string with the currency's own number of digits."""
        digits = minor_digits(self.currency)
        if digits == 0:
            return str(self.minor)
        whole, fraction = divmod(self.minor, 10**digits)
        return f"{whole}.{fraction:0{digits}d}"


def minor_digits(currency: str) -> int:
    return _MINOR_DIGITS.get(currency, 2)


def parse(amount: str, currency: str) -> Money | None:
    """Read a decimal string such as `75.00`; None where it is none of the currency."""
    match = _DECIMAL.fullmatch(amount)
    if match is None:
        return None
    whole, fraction = match[1], match[2] or ""
    digits = minor_digits(currency)
    if len(fraction) > digits:
        return None
    return Money(int(whole + fraction.ljust(digits, "0")), currency)


def of(document: Mapping[str, Any]) -> Money:
    """Read what was checked when it was saved; raises ValueError where it is no money."""
    found = parse(document["amount"], document["currency"])
    if found is None:
        raise ValueError(f"no money: {document}")
    return found
