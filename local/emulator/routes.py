"""Patch `routes`: a greedy path variable takes every character, line breaks too.

MiniStack matches `{proxy+}` up to the first of them, and knows no route for the rest.
"""

from ministack.services import apigateway

from local.emulator.settings import Settings

# Nothing that was decoded holds a lone surrogate.
STAND_IN = "\udc0a"

_extract = apigateway._extract_path_params


def apply(settings: Settings) -> None:
    apigateway._extract_path_params = _extract_with_line_breaks


def _extract_with_line_breaks(route_path: str, request_path: str) -> dict[str, str] | None:
    found = _extract(route_path, request_path.replace("\n", STAND_IN))
    return found and {name: value.replace(STAND_IN, "\n") for name, value in found.items()}
