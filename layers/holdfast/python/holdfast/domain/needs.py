"""Who may serve a service: the needs of it, and the resources that meet each (BOOK-13)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from holdfast.domain.catalogue import Catalogue
from holdfast.domain.errors import NotFound
from holdfast.domain.place import pool_of
from holdfast.domain.service import Service


@dataclass(frozen=True, slots=True)
class Need:
    """So many of these resources, all taken by the same appointment."""

    many: int
    resources: Sequence[str]


def needs_of(catalogue: Catalogue, service: Service, asked: str | None = None) -> Sequence[Need]:
    """Without requirements one resource is the whole appointment. Of a kind that is required those that
    `resourceIds` name may serve, or all if they name none of it. Who cannot take part once the one asked for
    does is left out; raises NotFound where that one serves nothing of it."""
    needs = _needs(catalogue, service)
    if asked is None:
        return needs
    if not _are_met_by(needs, asked):
        raise NotFound("resource of this service")
    return [Need(1, [asked]) if need.many == 1 and asked in need.resources else need for need in needs]


def serves(catalogue: Catalogue, service: Service, resource: str) -> bool:
    """Whether it may take part in an appointment of the service."""
    return _are_met_by(_needs(catalogue, service), resource)


def leading(needs: Sequence[Need]) -> Sequence[str]:
    """Those of whom one is named first in every appointment, and names its claimant."""
    return needs[0].resources


def ledgers_of(service: Service, needs: Sequence[Need]) -> Sequence[str]:
    """The names under which its days are: those of all who may serve it, and of its pool."""
    names = [each for need in needs for each in need.resources]
    return names if service.most_at_once is None else [*names, pool_of(service.id)]


def _are_met_by(needs: Sequence[Need], resource: str) -> bool:
    return any(resource in need.resources for need in needs)


def _needs(catalogue: Catalogue, service: Service) -> Sequence[Need]:
    named, requires = service.resource_ids, service.requires
    known = sorted(catalogue.resources)
    if not requires:
        return [Need(1, [each for each in known if named is None or each in named])]
    counts: Counter[str] = Counter()
    for required in requires:
        counts[required.kind] += required.count
    needs = []
    for kind, many in counts.items():
        of_kind = [each for each in known if catalogue.resources[each].kind == kind]
        needs.append(Need(many, [each for each in of_kind if each in (named or ())] or of_kind))
    return needs
