"""The launcher: only the checked MiniStack, and exactly the patches that were asked for."""

import pytest

from local.emulator.launcher import CHECKED_VERSION, require_checked_version
from local.emulator.settings import PATCHES, parse


def test_another_version_is_refused_with_what_to_do() -> None:
    require_checked_version(CHECKED_VERSION)
    with pytest.raises(SystemExit, match=r"checked against ministack 1\.5\.33, but 1\.6\.0 .*`uv sync`"):
        require_checked_version("1.6.0")


def test_by_default_all_patches_are_on() -> None:
    settings = parse([], {})
    assert (settings.port, settings.patches, settings.workers) == (4566, PATCHES, 4)


@pytest.mark.parametrize(
    ("flags", "environ", "patches"),
    [
        (
            ["--without", "ttl,streams"],
            {},
            ("backlog", "drain", "pool", "websocket", "scheduler", "iam", "secrets", "routes", "unpacked"),
        ),
        (["--without", "all"], {}, ()),
        ([], {"HOLDFAST_EMULATOR_PATCHES": "pool, drain"}, ("drain", "pool")),
        ([], {"HOLDFAST_EMULATOR_PATCHES": "none"}, ()),
        (["--patches", "ttl"], {"HOLDFAST_EMULATOR_PATCHES": "pool"}, ("ttl",)),
    ],
)
def test_patches_are_chosen_by_flag_or_environment(
    flags: list[str], environ: dict[str, str], patches: tuple[str, ...]
) -> None:
    assert parse(flags, environ).patches == patches


def test_workers_and_interval_come_from_the_environment_too() -> None:
    settings = parse([], {"HOLDFAST_EMULATOR_WORKERS": "16", "HOLDFAST_EMULATOR_TTL_INTERVAL": "0.5"})
    assert (settings.workers, settings.ttl_interval) == (16, 0.5)


def test_iam_is_enforced_only_if_asked_for() -> None:
    asked = parse(["--auth"], {}), parse([], {"HOLDFAST_EMULATOR_AUTH": "true"})
    assert [settings.enforces_iam for settings in (*asked, parse([], {}))] == [True, True, False]


@pytest.mark.parametrize("flags", [["--without", "tll"], ["--workers", "0"], ["--ttl-interval", "-1"]])
def test_nonsense_is_refused(flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(flags, {})
    assert "error:" in capsys.readouterr().err
