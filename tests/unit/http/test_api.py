"""Operations are found by method and path; what is declared later is imported when it is asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from holdfast.http.api import Answer, Api

api = Api()
later = Api()
"""What the modules of a test declare their operations on."""

type Declare = Callable[[str, str], str]


@api.get("/v1/slots/{slotId}", answers={})
def get_slot(call: object, ports: object) -> Answer:
    """A slot."""
    return Answer(body=None)


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Declare:
    """Write a module that declares one operation; returns the module's name."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(name: str, path: str) -> str:
        lines = (
            "from tests.unit.http.test_api import later",
            "from holdfast.http.api import Answer",
            f"@later.get({path!r}, answers={{}})",
            f"def {name}(call, ports):",
            "    return Answer(body=None)",
        )
        (tmp_path / f"{name}_of_test_api.py").write_text("\n".join(lines))
        return f"{name}_of_test_api"

    return write


def test_it_is_found_by_method_and_path_with_its_ids() -> None:
    found = api.find("GET", "/v1/slots/bikes.stand-1.202606120900")
    assert found is not None
    operation, ids = found
    assert (operation.name, ids) == ("get_slot", {"slotId": "bikes.stand-1.202606120900"})
    assert api.find("POST", "/v1/slots/bikes.stand-1.202606120900") is None
    assert api.find("GET", "/v1/slots/none") is None


def test_what_is_declared_later_is_imported_as_far_as_it_is_asked_for(module: Declare) -> None:
    jobs, links, pages = (module(name, f"/v1/{name}") for name in ("jobs", "links", "pages"))
    later.later(jobs, links, pages)
    assert not {jobs, links, pages} & {*sys.modules}

    found = later.find("GET", "/v1/links")
    assert found is not None
    assert found[0].name == "links"
    assert {jobs, links, pages} & {*sys.modules} == {jobs, links}

    assert later.find("GET", "/v1/elsewhere") is None
    assert [operation.name for operation in later.operations] == ["jobs", "links", "pages"]
