"""What the handlers are given; `holdfast.bootstrap` is one such thing, the tests bring another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from holdfast.app.ports import Bookings, Callers, Catalog, Ledger, Slots


class Settings(Protocol):
    @property
    def version(self) -> str: ...

    @property
    def ephemeral_table(self) -> str: ...


class Ports(Protocol):
    def ledger(self) -> Ledger: ...

    def callers(self) -> Callers: ...

    def catalog(self) -> Catalog:
        """May be up to 60 s old."""

    def fresh_catalog(self) -> Catalog: ...

    def slots(self) -> Slots: ...

    def bookings(self) -> Bookings: ...

    def health(self) -> Mapping[str, bool]: ...

    def settings(self) -> Settings: ...
