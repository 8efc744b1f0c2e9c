"""What a function tells of itself: metrics, and log lines as JSON under the correlation id of the request
that what it does goes back to (ADR 0031). Bodies, contacts and tokens stay out of it."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from holdfast.settings import Settings

SERVICE = "holdfast"
NAMESPACE = "Holdfast"

_correlation: ContextVar[str] = ContextVar("correlation", default="")
_table_calls: ContextVar[int] = ContextVar("table_calls", default=0)


@cache
def logger() -> Logger:
    return Logger(service=SERVICE)


def count_table_call() -> None:
    """For adapters: one more call to a table within this request."""
    _table_calls.set(_table_calls.get() + 1)


def table_calls() -> int:
    return _table_calls.get()


def start_request(correlation_id: str) -> None:
    """All that follows goes back to this request, or to this run of a function that none of them started."""
    _table_calls.set(0)
    _follow(correlation_id)


def correlation() -> str:
    """What is being done goes back to this request; empty outside of a function."""
    return _correlation.get()


@contextmanager
def following(correlation_id: str) -> Iterator[None]:
    """Log and write under the id of what is worked on, where it has one."""
    before = correlation()
    _follow(correlation_id or before)
    try:
        yield
    finally:
        _follow(before)


def _follow(correlation_id: str) -> None:
    _correlation.set(correlation_id)
    logger().set_correlation_id(correlation_id or None)


def invocation_id(context: object) -> str:
    """The id of this run, for what no request asked for."""
    return str(getattr(context, "aws_request_id", ""))


def count(numbers: Mapping[str, int], **dimensions: str) -> None:
    """One line of metrics: how often each of these happened. Zeros count too: a sum needs its points."""
    _emit(MetricUnit.Count, {name: [number] for name, number in numbers.items()}, dimensions)


def measure(seconds: Mapping[str, Sequence[float]], **dimensions: str) -> None:
    """One line of metrics: how long each of these took, one value for each time it happened."""
    _emit(MetricUnit.Seconds, seconds, dimensions)


def _emit(unit: MetricUnit, metrics: Mapping[str, Sequence[float]], dimensions: Mapping[str, str]) -> None:
    """Dimensions are paid for by the combination: only what has few values, and never an id."""
    line = EphemeralMetrics(namespace=NAMESPACE, service=SERVICE, default_dimensions={"stage": _stage()})
    for name, value in dimensions.items():
        line.add_dimension(name, value)
    for name, values in metrics.items():
        for each in values:
            line.add_metric(name, unit, each)
    if line.metric_set:
        line.flush_metrics()


@cache
def _stage() -> str:
    return Settings.from_environment().stage


def where(error: BaseException) -> Sequence[str]:
    """The path an error took, without its message: that may quote what the client sent."""
    lines: list[str] = []
    link: BaseException | None = error
    while link is not None:
        lines.append(type(link).__qualname__)
        lines += [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(link.__traceback__)]
        link = link.__cause__ or link.__context__
    return lines
