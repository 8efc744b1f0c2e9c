"""All that a business offers, as it was at one revision: what the evaluator's rules come from (AVAIL-4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from holdfast.domain.availability import CustomRule, Rules
from holdfast.domain.business import Business, Resource
from holdfast.domain.closures import Closure, TimeOff
from holdfast.domain.service import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """`revision` rises with every change an admin makes to any part of it. `closures` are own holidays and
    the national ones of its country; `custom` are the business's own rules (AVAIL-8)."""

    business: Business
    revision: int
    services: Mapping[str, Service] = field(default_factory=dict)
    resources: Mapping[str, Resource] = field(default_factory=dict)
    closures: Sequence[Closure] = ()
    time_off: Mapping[str, Sequence[TimeOff]] = field(default_factory=dict)
    custom: Sequence[CustomRule] = ()
    derived: dict[tuple[str, str], Rules] = field(init=False, default_factory=dict, compare=False, repr=False)
    """The evaluator's rules by service and resource, worked out when they are first asked for."""

    def proposed(self, service: Service) -> Catalogue:
        """Another one with that service, which nobody sells by: with rules worked out for itself."""
        return replace(self, services={**self.services, service.id: service})

    @property
    def days_ahead(self) -> int:
        """The furthest that any service may be booked ahead."""
        documents = (self.business.settings, *(each.settings for each in self.services.values()))
        policies: list[Mapping[str, int]] = [each.get("policies") or {} for each in documents]
        return max(each.get("maximumAdvanceDays", 0) for each in policies)
