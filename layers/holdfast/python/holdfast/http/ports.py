"""What the handlers are given; `holdfast.bootstrap` is one such thing, the tests bring another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from holdfast.app.ports import (
    Bookings,
    Calendars,
    Callers,
    Catalog,
    Catalogues,
    Days,
    Entries,
    Jobs,
    Ledger,
    Secrets,
    Slots,
)
from holdfast.app.tickets import Tickets


class Settings(Protocol):
    @property
    def version(self) -> str: ...

    @property
    def ephemeral_table(self) -> str: ...

    @property
    def realtime_url(self) -> str: ...


class Ports(Protocol):
    def ledger(self) -> Ledger: ...

    def callers(self) -> Callers: ...

    def catalog(self) -> Catalog:
        """May be up to 60 s old."""

    def fresh_catalog(self) -> Catalog: ...

    def catalogues(self) -> Catalogues: ...

    def calendars(self) -> Calendars: ...

    def days(self) -> Days: ...

    def recent_days(self) -> Days:
        """May be up to 5 s old."""

    def slots(self) -> Slots: ...

    def recent_slots(self) -> Slots:
        """May be up to 5 s old."""

    def bookings(self) -> Bookings: ...

    def entries(self) -> Entries: ...

    def jobs(self) -> Jobs: ...

    def tickets(self) -> Tickets: ...

    def secrets(self) -> Secrets: ...

    def health(self) -> Mapping[str, bool]: ...

    def settings(self) -> Settings: ...
