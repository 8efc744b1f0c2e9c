"""How requests are read: callers, keys, versions, queries, instants."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.app.ports import Page
from holdfast.domain.caller import Caller
from holdfast.domain.errors import Refusal
from holdfast.domain.instants import HOUR, to_datetime
from holdfast.http import documents, idempotency, identity, params
from holdfast.http.paging import MOST_FETCHES, filtered
from holdfast.http.problem import Unauthenticated
from holdfast.http.request import Request
from holdfast.http.views import timestamp
from tests.handlers.door import sample

ALICE, BOB = Caller("alice"), Caller("bob")
BERLIN = ZoneInfo("Europe/Berlin")


def a_request(**members: Any) -> Request:
    event = sample("reserve")
    event["headers"] = {"content-type": "application/json"} | members.pop("headers", {})
    return Request.of(event | members)


@pytest.mark.parametrize(
    "claim",
    ["[a:admin b]", "a:admin,b", '["a:admin", "b"]', "a:admin b", ["a:admin", "b"], "['a:admin', 'b']"],
    ids=str,
)
def test_groups_are_read_however_they_were_flattened(claim: object) -> None:
    assert identity.groups(claim) == {"a:admin", "b"}


@pytest.mark.parametrize("claim", [None, "", "[]", [], 7, {}], ids=str)
def test_no_groups_are_no_groups(claim: object) -> None:
    assert identity.groups(claim) == frozenset()


def test_a_machine_is_a_caller_without_groups() -> None:
    assert identity.caller({"sub": "6jk7client", "scope": "api/write"}) == Caller("6jk7client")


@pytest.mark.parametrize(
    "claims", [None, {}, {"sub": ""}, {"sub": 7}, {"sub": "a b"}, {"sub": "x" * 129}], ids=str
)
def test_no_subject_no_caller(claims: Any) -> None:
    with pytest.raises(Unauthenticated):
        identity.caller(claims)


def test_a_stage_in_the_path_is_taken_off() -> None:
    event = sample("reserve")
    event["rawPath"] = "/prod/v1/bookings/reserve"
    event["requestContext"]["stage"] = "prod"
    assert Request.of(event).path == "/v1/bookings/reserve"


def test_the_operation_is_of_caller_method_path_and_key() -> None:
    def op(caller: Caller = ALICE, key: str = "key-00001", **members: Any) -> str:
        request = a_request(headers={"Idempotency-Key": key}, **members)
        return idempotency.asked(request, caller, {}, 0).op

    assert op() == op()
    assert len({op(), op(BOB), op(key="key-00002"), op(rawPath="/v1/bookings/other")}) == 4


def test_without_a_key_every_request_is_its_own() -> None:
    asked = [idempotency.asked(a_request(), ALICE, {}, 0) for _ in range(2)]
    assert asked[0].op != asked[1].op
    assert not asked[0].keyed
    assert asked[0].fingerprint == asked[1].fingerprint


def test_the_fingerprint_is_of_content_and_if_match() -> None:
    def of(document: dict[str, Any], **headers: str) -> str:
        return idempotency.asked(a_request(headers=headers), ALICE, document, 0).fingerprint

    assert of({"a": 1, "b": 2}) == of({"b": 2, "a": 1})
    assert len({of({}), of({"a": 1}), of({"a": "1"}), of({}, **{"If-Match": '"1"'})}) == 4


@pytest.mark.parametrize(("header", "version"), [(None, None), ("*", None), ('"7"', 7), (' "12" ', 12)])
def test_if_match_names_a_version(header: str | None, version: int | None) -> None:
    assert idempotency.version(header) == version


@given(st.binary(max_size=64) | st.text(max_size=64).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_whatever_bytes_come_they_are_an_object_or_refused(raw: bytes) -> None:
    outcome = read(a_request(body=raw.decode("latin-1")))
    assert isinstance(outcome, dict) or outcome in ("malformed_request", "validation_failed")


def read(request: Request) -> dict[str, Any] | str:
    try:
        return documents.read_document(request)
    except Refusal as refused:
        return refused.code


@given(
    st.dictionaries(
        st.text(max_size=8),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.text(),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
            ),
            max_leaves=10,
        ),
        max_size=4,
    )
)
def test_whatever_is_let_in_can_be_stored_and_printed(document: dict[str, Any]) -> None:
    outcome = read(a_request(body=json.dumps(document)))
    if isinstance(outcome, dict):
        assert outcome == document
        json.dumps(outcome, ensure_ascii=False).encode()
    else:
        assert outcome == "validation_failed"


def test_instants_round_trip_through_their_text() -> None:
    instant = params.read_instant("2026-10-25T02:30:00.123456789+01:00")
    assert timestamp(instant, BERLIN) == "2026-10-25T02:30:00.123+01:00"
    assert params.read_instant("2026-10-25t01:30:00.123z") == instant


@given(
    st.integers(min_value=0, max_value=params.LATEST - 1),
    st.sampled_from(["UTC", "Asia/Kathmandu", "Europe/Berlin"]),
)
def test_what_we_write_we_read(instant: int, zone: str) -> None:
    told = timestamp(instant, ZoneInfo(zone))
    if told < "9000" and told >= "1970":
        assert params.read_instant(told) == instant


def test_a_day_of_the_clock_change_has_its_own_length() -> None:
    spring, autumn = params.Edge(date(2026, 3, 29)), params.Edge(date(2026, 10, 25))
    assert spring.ends(BERLIN) - spring.begins(BERLIN) == 23 * HOUR
    assert autumn.ends(BERLIN) - autumn.begins(BERLIN) == 25 * HOUR


def test_a_day_whose_midnight_is_skipped_begins_with_its_first_instant() -> None:
    beirut = ZoneInfo("Asia/Beirut")
    begins = params.Edge(date(2026, 3, 29)).begins(beirut)
    assert to_datetime(begins, beirut).isoformat() == "2026-03-29T01:00:00+03:00"


def test_a_filter_that_drops_all_gives_up_with_a_cursor() -> None:
    fetched: list[str | None] = []

    def fetch(limit: int, cursor: str | None) -> Page[int]:
        fetched.append(cursor)
        return Page([1] * limit, str(len(fetched)))

    page = filtered(fetch, lambda _: False, limit=5, cursor=None)
    assert (page.items, page.cursor) == ([], str(MOST_FETCHES))
    assert fetched == [None, *map(str, range(1, MOST_FETCHES))]
