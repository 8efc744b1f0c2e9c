"""Rules that packages bring, found by their entry points as a layer has them on its path (AVAIL-8)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from holdfast.adapters.plugins import GROUP, Plugins
from tests.unit.domain.offers import offered, reasons, snapshot, some_rules

type Install = Callable[..., None]

CODE = """
class NoMornings:
    def refuses(self, candidate):
        return "no_mornings" if candidate.start % 86_400_000 < 28_800_000 else None


class Quiet:
    def refuses(self, candidate):
        return None


quiet = Quiet()
number = 7
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Puts a distribution with those entry points on the path, as pip lays it out."""
    modules: list[str] = []

    def lay_out(package: str, **entries: str) -> None:
        modules.append(package)
        (tmp_path / f"{package}.py").write_text(CODE, encoding="utf-8")
        info = tmp_path / f"{package}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        lines = [f"{name.replace('__', '.').replace('_', '-')} = {what}" for name, what in entries.items()]
        (info / "entry_points.txt").write_text("\n".join([f"[{GROUP}]", *lines]))

    monkeypatch.syspath_prepend(str(tmp_path))
    yield lay_out
    for module in modules:
        sys.modules.pop(module, None)


def _kinds(business_id: str) -> list[str]:
    """As a process finds them that has just begun."""
    return [type(rule).__name__ for rule in Plugins().rules(business_id)]


def test_without_plugins_there_are_no_rules() -> None:
    assert Plugins().rules("demo-salon") == ()


def test_a_rule_is_of_the_business_its_name_begins_with(install: Install) -> None:
    install(
        "salon_rules",
        demo_salon="salon_rules:NoMornings",
        demo_salon__second="salon_rules:quiet",
        demo_salon_two="salon_rules:quiet",
    )
    assert _kinds("demo-salon") == ["NoMornings", "Quiet"]
    assert _kinds("demo-salon-two") == ["Quiet"]
    assert _kinds("demo") == []


def test_a_rule_of_all_is_everybodys_whichever_package_brings_it(install: Install) -> None:
    install("house_rules", all="house_rules:NoMornings", all__quiet="house_rules:quiet")
    install("more_rules", all="more_rules:Quiet", bikes="more_rules:NoMornings")
    assert sorted(_kinds("boats")) == ["NoMornings", "Quiet", "Quiet"]
    assert sorted(_kinds("bikes")) == ["NoMornings", "NoMornings", "Quiet", "Quiet"]


def test_they_are_loaded_once_a_process(install: Install) -> None:
    install("salon_rules", bikes="salon_rules:NoMornings")
    process = Plugins()
    (first,) = process.rules("bikes")
    install("late_rules", bikes="late_rules:quiet")
    assert process.rules("bikes")[0] is first
    assert len(process.rules("bikes")) == 1
    assert sorted(_kinds("bikes")) == ["NoMornings", "Quiet"]


@pytest.mark.parametrize("what", ["salon_rules:number", "salon_rules:missing", "no_such_module:rule"])
def test_what_yields_no_rule_is_an_error_for_everybody(install: Install, what: str) -> None:
    install("salon_rules", bikes=what)
    with pytest.raises((TypeError, AttributeError, ModuleNotFoundError)):
        Plugins().rules("boats")


def test_the_evaluator_asks_it_in_the_list_and_in_the_verdict(install: Install) -> None:
    install("salon_rules", bikes="salon_rules:NoMornings")
    ruled = snapshot(some_rules(custom=Plugins().rules("bikes")))
    assert offered(ruled) == ["10:00", "10:30", "11:00", "11:30"]
    assert reasons(ruled, "09:30") == ("no_mornings",)
