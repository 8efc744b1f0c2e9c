"""Patch `ttl`: expired items leave as they do on AWS, and soon.

MiniStack sweeps once a minute, writes no stream record, and takes string attributes and ancient stamps
too.
AWS takes numbers from the past five years only and writes a REMOVE record whose `userIdentity` names
DynamoDB, which is how a consumer tells an expiry from a deletion.
Here our own sweep runs every `--ttl-interval` seconds by AWS's rules. It runs on the event loop, as
MiniStack's DynamoDB does, so no write comes between the look at an item and its removal. MiniStack's
sweep is left powerless.
"""

import logging
import threading
import time
from contextvars import ContextVar
from typing import Any

from ministack import app
from ministack.core.responses import request_scope
from ministack.services import dynamodb

from local.emulator.settings import Settings

logger = logging.getLogger("holdfast.emulator.ttl")

_FIVE_YEARS = 5 * 365 * 24 * 3600
_MINISTACKS_REAPER = "dynamodb-ttl-reaper"
_SERVICE_IDENTITY = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}

_remove_item = dynamodb._remove_item
_build_change_record = dynamodb._build_change_record
_sweeping: ContextVar[bool] = ContextVar("holdfast_ttl_sweeping", default=False)


def apply(settings: Settings) -> None:
    # MiniStack's reaper runs since its import and cannot be stopped; it may look, but not remove.
    dynamodb._remove_item = _remove_unless_ministacks_reaper
    dynamodb._build_change_record = _build_record_with_identity
    threading.Thread(
        target=_request_sweeps, args=(settings.ttl_interval,), daemon=True, name="holdfast-ttl-timer"
    ).start()


def _request_sweeps(interval: float) -> None:
    while True:  # a daemon thread: it ends with the process
        time.sleep(interval)
        loop = app._MAIN_LOOP  # absent until the server is up, closed when it goes down
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(_sweep)


def _sweep() -> None:
    now = time.time()
    within = _sweeping.set(True)
    try:
        for (account, region, table_name), setting in list(dynamodb._ttl_settings.all_items()):
            if setting.get("TimeToLiveStatus") == "ENABLED":
                with request_scope(account, region):
                    _sweep_table(table_name, setting["AttributeName"], now)
    finally:
        _sweeping.reset(within)


def _sweep_table(table_name: str, attribute_name: str, now: float) -> None:
    table = dynamodb._tables.get(table_name)
    if table is None:
        return
    for partition, items in list(table["items"].items()):
        for sort, item in list(items.items()):
            if _is_expired(item.get(attribute_name), now):
                removed = _remove_item(table, partition, sort)
                dynamodb._emit_stream_event(table_name, "REMOVE", removed, None)
                logger.info("TTL removed %s/%s from %s", partition, sort, table_name)


def _is_expired(attribute: dict[str, Any] | None, now: float) -> bool:
    if attribute is None or "N" not in attribute:
        return False
    return now - _FIVE_YEARS <= float(attribute["N"]) <= now


def _remove_unless_ministacks_reaper(table: Any, partition: Any, sort: Any) -> Any:
    if threading.current_thread().name == _MINISTACKS_REAPER:
        return None
    return _remove_item(table, partition, sort)


def _build_record_with_identity(*args: Any, **kwargs: Any) -> Any:
    record = _build_change_record(*args, **kwargs)
    if _sweeping.get():
        record["userIdentity"] = dict(_SERVICE_IDENTITY)
    return record
