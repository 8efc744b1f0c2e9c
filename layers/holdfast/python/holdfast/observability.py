"""One log line a request, as JSON with its correlation id. Bodies, contacts and tokens stay out of it."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from contextvars import ContextVar
from functools import cache

from aws_lambda_powertools.logging import Logger

_table_calls: ContextVar[int] = ContextVar("table_calls", default=0)


@cache
def logger() -> Logger:
    return Logger(service="holdfast")


def count_table_call() -> None:
    """For adapters: one more call to a table within this request."""
    _table_calls.set(_table_calls.get() + 1)


def table_calls() -> int:
    return _table_calls.get()


def start_request(correlation_id: str) -> None:
    _table_calls.set(0)
    logger().set_correlation_id(correlation_id)


def where(error: BaseException) -> Sequence[str]:
    """The path an error took, without its message: that may quote what the client sent."""
    lines: list[str] = []
    link: BaseException | None = error
    while link is not None:
        lines.append(type(link).__qualname__)
        lines += [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(link.__traceback__)]
        link = link.__cause__ or link.__context__
    return lines
