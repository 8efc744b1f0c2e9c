"""Whatever is sent: a 4xx problem with a pointer, and no port was asked."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest

from functions.admin_api import handler as admin
from functions.booking_api import handler as booking
from functions.public_api import handler as public
from holdfast.domain.caller import Caller
from holdfast.http.api import Api
from holdfast.http.entry import entry
from tests.handlers.door import Door, NoPorts, sample

SLOT = "bikes.stand-1.202606141000"
BOOKING = "/v1/bookings/" + "b" * 20
RESERVE = "/v1/bookings/reserve"
ROOT = Caller("root", frozenset({"platform-admin"}))
DEEP = json.loads("[" * 40 + "]" * 40)


def door_of(api: Api) -> Door:
    return Door(lambda clock: entry(api, NoPorts(), clock=clock), "reserve")


def nested(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = {}
    for _ in range(depth - 1):
        inner = {"in": inner}
    return inner


@pytest.mark.parametrize(
    "raw",
    [
        "{",
        "nonsense",
        "[]",
        '"text"',
        "7",
        "null",
        "true",
        "[" * 60_000,
        '{"a":' * 12_000,
        '{"slotId": NaN}',
        '{"units": Infinity}',
        '{"units": -Infinity}',
        '{"units": ' + "9" * 5_000 + "}",
        "\ufeff{}",
        "{'slotId': 'x'}",
        '{"slotId": "a" "b"}',
        "\ud800",
    ],
    ids=lambda raw: ascii(raw)[:24],
)
def test_what_is_no_json_object_cannot_be_read(raw: str) -> None:
    reply = door_of(booking.api).ask("POST", RESERVE, raw=raw)
    assert (reply.status, reply.code, reply.pointers) == (400, "malformed_request", [""])


RESERVE_FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"slotId": None}, "/slotId"),
    ({"slotId": 7}, "/slotId"),
    ({"slotId": ""}, "/slotId"),
    ({"slotId": "x" * 129}, "/slotId"),
    ({"slotId": "a\u0000b"}, "/slotId"),
    ({"slotId": "a\nb"}, "/slotId"),
    ({"slotId": "\ud800"}, "/slotId"),
    ({"slotId": [SLOT]}, "/slotId"),
    ({"units": 0}, "/units"),
    ({"units": -1}, "/units"),
    ({"units": 301}, "/units"),
    ({"units": 10**30}, "/units"),
    ({"units": 1.0}, "/units"),
    ({"units": 1e300}, "/units"),
    ({"units": "1"}, "/units"),
    ({"units": True}, "/units"),
    ({"units": None}, "/units"),
    ({"holdSeconds": 0}, "/holdSeconds"),
    ({"holdSeconds": 86_401}, "/holdSeconds"),
    ({"holdSeconds": "30"}, "/holdSeconds"),
    ({"joinQueueIfFull": "yes"}, "/joinQueueIfFull"),
    ({"joinQueueIfFull": 1}, "/joinQueueIfFull"),
    ({"joinQueueIfFull": None}, "/joinQueueIfFull"),
    ({"notes": "x" * 2_001}, "/notes"),
    ({"notes": "bell\u0007"}, "/notes"),
    ({"notes": "\udfff"}, "/notes"),
    ({"notes": {}}, "/notes"),
    ({"contact": []}, "/contact"),
    ({"contact": {"email": "nobody"}}, "/contact/email"),
    ({"contact": {"email": "a@b.c" * 60}}, "/contact/email"),
    ({"contact": {"phone": "call me"}}, "/contact/phone"),
    ({"contact": {"name": "x" * 201}}, "/contact/name"),
    ({"contact": {"fax": "1"}}, "/contact/fax"),
    ({"subject": "child"}, "/subject"),
    ({"subject": {"id": 7}}, "/subject"),
    ({"subject": {"id": ""}}, "/subject"),
    ({"metadata": []}, "/metadata"),
    ({"metadata": {"a": "x" * 4_096}}, "/metadata"),
    ({"metadata": nested(6)}, "/metadata"),
    ({"metadata": {"a": DEEP}}, "/metadata/a" + "/0" * 14),
    ({"metadata": {"a": 2**53 + 1}}, "/metadata/a"),
    ({"metadata": {"a": -1e17}}, "/metadata/a"),
    ({"metadata": {"a": [1, "\u0000"]}}, "/metadata/a/1"),
    ({"metadata": {"a\u0000": 1}}, "/metadata/a\ufffd"),
    ({"metadata": {"\ud800": 1}}, "/metadata/\ufffd"),
    ({"unknown": 1}, "/unknown"),
    ({"slot_id": SLOT}, "/slot_id"),
    ({"a/b~c": 1}, "/a~1b~0c"),
    ({"businessId": "bikes"}, "/businessId"),
    ({"end": "2030-05-01T09:00:00Z"}, "/end"),
    ({"x" * 1_000: 1}, "/" + "x" * 64),
]


@pytest.mark.parametrize(("members", "pointer"), RESERVE_FAULTS, ids=lambda each: ascii(each)[:40])
def test_every_fault_has_a_pointer(members: dict[str, Any], pointer: str) -> None:
    reply = door_of(booking.api).ask("POST", RESERVE, {"slotId": SLOT, **members})
    assert (reply.status, reply.code, reply.pointers) == (422, "validation_failed", [pointer])


def test_all_faults_are_told_at_once_up_to_a_bound() -> None:
    door = door_of(booking.api)
    reply = door.ask("POST", RESERVE, {"units": 0, "notes": 1})
    assert reply.pointers == ["/notes", "/slotId", "/units"]
    flood = door.ask("POST", RESERVE, {f"m{number}": 0 for number in range(4_000)})
    assert len(flood.pointers) == 50


@pytest.mark.parametrize(
    ("method", "path", "body", "pointer"),
    [
        ("POST", f"{BOOKING}/extend", {}, "/seconds"),
        ("POST", f"{BOOKING}/extend", {"seconds": 0}, "/seconds"),
        ("POST", f"{BOOKING}/release", {"why": "x"}, "/why"),
        ("POST", f"{BOOKING}/confirm", {"notes": 1}, "/notes"),
        ("POST", f"{BOOKING}/cancel", {"reason": "x" * 501}, "/reason"),
        ("POST", f"{BOOKING}/cancel", {"reason": "two\nlines"}, "/reason"),
        ("PATCH", BOOKING, {}, ""),
        ("PATCH", BOOKING, {"notes": None}, "/notes"),
        ("PATCH", BOOKING, {"contact": None}, "/contact"),
        ("PATCH", BOOKING, {"units": 0}, "/units"),
        ("PATCH", BOOKING, {"subject": {"id": ""}}, "/subject"),
        ("PATCH", BOOKING, {"status": "CONFIRMED"}, "/status"),
    ],
)
def test_deeds_refuse_what_they_do_not_know(method: str, path: str, body: object, pointer: str) -> None:
    reply = door_of(booking.api).ask(method, path, body, if_match='"1"')
    assert (reply.status, reply.code, reply.pointers) == (422, "validation_failed", [pointer])


NEW_SLOT: dict[str, Any] = {
    "resourceId": "stand-1",
    "start": "2026-06-14T11:00:00+02:00",
    "end": "2026-06-14T12:00:00+02:00",
    "capacity": 2,
}


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"start": "2026-06-14T11:00:00"}, "/start"),
        ({"start": "2026-06-14"}, "/start"),
        ({"start": "2026-06-14 11:00:00Z"}, "/start"),
        ({"start": "2026-02-30T11:00:00Z"}, "/start"),
        ({"start": "2026-06-14T25:00:00Z"}, "/start"),
        ({"start": "1969-12-31T23:59:59Z"}, "/start"),
        ({"start": "9999-12-31T23:59:59Z"}, "/start"),
        ({"start": "1970-01-01T00:00:00+05:00"}, "/start"),
        ({"start": "2026-06-14T11:00:00+25:00"}, "/start"),
        ({"start": 1_781_254_800}, "/start"),
        ({"start": "\uff12026-06-14T11:00:00Z"}, "/start"),
        ({"end": None}, "/end"),
        ({"capacity": 301}, "/capacity"),
        ({"capacity": 0}, "/capacity"),
        ({"resourceId": "Stand 1"}, "/resourceId"),
        ({"resourceId": "stand-1\n"}, "/resourceId"),
        ({"price": 25}, "/price"),
        ({"price": {"amount": 25, "currency": "EUR"}}, "/price/amount"),
        ({"price": {"amount": "-1", "currency": "EUR"}}, "/price/amount"),
        ({"price": {"amount": "1e3", "currency": "EUR"}}, "/price/amount"),
        ({"price": {"amount": "1", "currency": "euro"}}, "/price/currency"),
    ],
    ids=lambda each: ascii(each)[:40],
)
def test_slots_are_checked_by_shape_before_anything_is_read(members: dict[str, Any], pointer: str) -> None:
    path = "/v1/admin/businesses/bikes/slots"
    reply = door_of(admin.api).ask("POST", path, NEW_SLOT | members, caller=ROOT)
    assert (reply.status, reply.code, reply.pointers) == (422, "validation_failed", [pointer])


NEW_BUSINESS: dict[str, Any] = {"businessId": "bikes", "name": "Bikes", "timeZone": "Europe/Berlin"}


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"businessId": "ab"}, "/businessId"),
        ({"businessId": "a:admin"}, "/businessId"),
        ({"name": ""}, "/name"),
        ({"timeZone": "Mars/Olympus"}, "/timeZone"),
        ({"timeZone": "../../etc/passwd"}, "/timeZone"),
        ({"timeZone": "Europe"}, "/timeZone"),
        ({"timeZone": "localtime"}, "/timeZone"),
        ({"preset": "bank"}, "/preset"),
        ({"preset": "../settings"}, "/preset"),
        ({"currency": "eur"}, "/currency"),
        ({"hours": {"monday": []}}, "/hours/monday"),
        ({"hours": {"mon": None}}, "/hours/mon"),
        ({"hours": {"mon": [{"from": "9:00", "to": "12:00"}]}}, "/hours/mon/0/from"),
        ({"hours": {"mon": [{"from": "12:00", "to": "09:00"}]}}, "/hours/mon/0/to"),
        (
            {"hours": {"mon": [{"from": "09:00", "to": "12:00"}, {"from": "11:00", "to": "13:00"}]}},
            "/hours/mon/1/from",
        ),
        ({"breaks": [{"weekdays": [], "from": "12:00", "to": "13:00"}]}, "/breaks/0/weekdays"),
        ({"breaks": [{"weekdays": ["mon"], "from": "13:00", "to": "12:00"}]}, "/breaks/0/to"),
        ({"hold": {"minSeconds": 200}}, "/hold/defaultSeconds"),
        ({"hold": {"maxSeconds": 901}}, "/hold/maxSeconds"),
        ({"hold": {"maxSeconds": 60}}, "/hold/maxSeconds"),
        ({"hold": {"totalMaxSeconds": 800}}, "/hold/totalMaxSeconds"),
        ({"hold": None}, "/hold"),
        ({"queue": {"maxSize": 301}}, "/queue/maxSize"),
        ({"policies": {"afterEnd": "explode"}}, "/policies/afterEnd"),
        ({"policies": {"approvalRequired": 1}}, "/policies/approvalRequired"),
        ({"refundTiers": [{"beforeMinutes": 60, "percentage": 101}]}, "/refundTiers/0/percentage"),
        (
            {
                "refundTiers": [
                    {"beforeMinutes": 60, "percentage": 1},
                    {"beforeMinutes": 60, "percentage": 2},
                ]
            },
            "/refundTiers",
        ),
        ({"rateLimits": {"reservePerMinute": 0}}, "/rateLimits/reservePerMinute"),
        ({"domain": {"notificationChannels": ["pigeon"]}}, "/domain/notificationChannels/0"),
        ({"holidays": {"country": "Germany"}}, "/holidays/country"),
        ({"colour": "red"}, "/colour"),
    ],
    ids=lambda each: ascii(each)[:40],
)
def test_settings_are_checked_one_by_one_and_together(members: dict[str, Any], pointer: str) -> None:
    reply = door_of(admin.api).ask("POST", "/v1/admin/businesses", NEW_BUSINESS | members, caller=ROOT)
    assert (reply.status, reply.code, reply.pointers) == (422, "validation_failed", [pointer])


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"slotId": SLOT}, "/slotId"),
        ({"holdSeconds": 60}, "/holdSeconds"),
        ({"position": 1}, "/position"),
        ({"units": 0}, "/units"),
        ({"subject": {"id": ""}}, "/subject"),
        ({"metadata": {"a": "x" * 4_096}}, "/metadata"),
    ],
    ids=ascii,
)
def test_a_place_is_asked_for_as_a_booking_is(members: dict[str, Any], pointer: str) -> None:
    reply = door_of(booking.api).ask("POST", f"/v1/slots/{SLOT}/queue", members)
    assert (reply.status, reply.code, reply.pointers) == (422, "validation_failed", [pointer])


@pytest.mark.parametrize("subject_id", ["", "x" * 129, "a\u0000b", "\ud800"], ids=ascii)
@pytest.mark.parametrize(("method", "path"), [("GET", "queue/position"), ("DELETE", "queue")])
def test_a_subject_is_named_by_a_text_of_its_bounds(method: str, path: str, subject_id: str) -> None:
    reply = door_of(booking.api).ask(method, f"/v1/slots/{SLOT}/{path}", query={"subjectId": subject_id})
    assert (reply.status, reply.code, reply.pointers) == (422, "validation_failed", ["/query/subjectId"])


@pytest.mark.parametrize("deed", ["remove", "move-to-front"])
@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": None}, {"reason": "x" * 501}], ids=ascii)
def test_staff_give_a_reason(deed: str, body: dict[str, Any]) -> None:
    path = f"/v1/admin/businesses/bikes/queues/{SLOT}/entries/{'a' * 20}/{deed}"
    reply = door_of(admin.api).ask("POST", path, body, caller=ROOT)
    assert (reply.status, reply.code, reply.pointers) == (422, "validation_failed", ["/reason"])


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"limit": "0"}, "/query/limit"),
        ({"limit": "101"}, "/query/limit"),
        ({"limit": "ten"}, "/query/limit"),
        ({"limit": "٣"}, "/query/limit"),
        ({"cursor": "a b"}, "/query/cursor"),
        ({"cursor": "x" * 2_000}, "/query/cursor"),
        ({"status": "SOLD"}, "/query/status"),
        ({"from": "2026-06-14T11:00:00"}, "/query/from"),
        ({"from": "2026-02-30"}, "/query/from"),
        ({"from": "0001-01-01"}, "/query/from"),
        ({"to": "tomorrow"}, "/query/to"),
        ({"timeZone": "Mars/Olympus"}, "/query/timeZone"),
        ({"timeZone": "/etc/passwd"}, "/query/timeZone"),
        ({"timeZone": ""}, "/query/timeZone"),
        ({"user": "bob"}, "/query/user"),
        ({"from": "2026-06-14", "to": "2026-06-13"}, "/query/to"),
    ],
    ids=ascii,
)
def test_query_parameters_too(query: dict[str, str], pointer: str) -> None:
    reply = door_of(booking.api).ask("GET", "/v1/bookings/my", query=query)
    assert (reply.status, reply.code, reply.pointers) == (422, "validation_failed", [pointer])


@pytest.mark.parametrize(
    ("headers", "pointer"),
    [
        ({"idempotency-key": "short"}, "/headers/idempotency-key"),
        ({"idempotency-key": ""}, "/headers/idempotency-key"),
        ({"idempotency-key": "x" * 256}, "/headers/idempotency-key"),
        ({"idempotency-key": "ключ-ключ"}, "/headers/idempotency-key"),
        ({"x-idempotency-key": "tab\there-and-on"}, "/headers/x-idempotency-key"),
        ({"idempotency-key": "key-00001", "x-idempotency-key": "key-00002"}, "/headers/x-idempotency-key"),
        ({"if-match": ""}, "/headers/if-match"),
        ({"if-match": "7"}, "/headers/if-match"),
        ({"if-match": 'W/"7"'}, "/headers/if-match"),
        ({"if-match": '"seven"'}, "/headers/if-match"),
        ({"if-match": '"0"'}, "/headers/if-match"),
        ({"if-match": '"1", "2"'}, "/headers/if-match"),
        ({"if-match": '"' + "9" * 5_000 + '"'}, "/headers/if-match"),
    ],
    ids=lambda each: ascii(each)[:40],
)
def test_headers_too(headers: dict[str, str], pointer: str) -> None:
    reply = door_of(booking.api).ask("POST", RESERVE, {"slotId": SLOT}, headers=headers)
    assert (reply.status, reply.code, reply.pointers) == (422, "validation_failed", [pointer])


@pytest.mark.parametrize(
    "raw", [" " * 65_537, '{"notes": "' + "x" * 200_000 + '"}', '{"n": "' + "é" * 33_000 + '"}']
)
def test_a_body_that_is_too_large_is_not_read(raw: str) -> None:
    reply = door_of(booking.api).ask("POST", RESERVE, raw=raw)
    assert (reply.status, reply.code) == (413, "payload_too_large")


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonx"]
)
def test_only_json_is_read(media_type: str) -> None:
    reply = door_of(booking.api).ask("POST", RESERVE, {"slotId": SLOT}, content_type=media_type)
    assert (reply.status, reply.code, reply.pointers) == (400, "malformed_request", ["/headers/content-type"])


@pytest.mark.parametrize("body", ["not base64!", b64encode(b"\xff\xfe").decode(), b64encode(b"[1]").decode()])
def test_base64_bodies_are_no_way_around(body: str) -> None:
    event = sample("reserve") | {"body": body, "isBase64Encoded": True}
    reply = door_of(booking.api).send(event)
    assert (reply.status, reply.code) == (400, "malformed_request")


@pytest.mark.parametrize("business", ["ab", "BIKES", "bi kes", "bikes%00", "x" * 33, "..", "bikes:admin"])
def test_ids_in_paths_that_are_none_of_ours_are_not_there(business: str) -> None:
    door = door_of(public.api)
    for path in (
        f"/v1/businesses/{business}",
        f"/v1/slots/{business}",
        f"/v1/slots/{business}.r-1.202606141000",
    ):
        reply = door.ask("GET", path, caller=None)
        assert (reply.status, reply.code) == (404, "not_found")


def test_a_slot_id_of_no_calendar_is_not_there() -> None:
    reply = door_of(public.api).ask("GET", "/v1/slots/bikes.stand-1.202602301000", caller=None)
    assert (reply.status, reply.code) == (404, "not_found")
