"""One example of every body and every answer: they stand in the contract, on its page, and are checked.

They tell one story: Alice takes Court 1 of the Demo Club for an hour on 1 May 2030.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

type Json = dict[str, Any]

BUSINESS, RESOURCE, SLOT = "demo", "court-1", "demo.court-1.203005010800"
LATER_SLOT = "demo.court-1.203005020800"
BOOKING = "k3x5q7zcg2mwtn4r6ybd"
START, END = "2030-05-01T09:00:00.000+02:00", "2030-05-01T10:00:00.000+02:00"
KEY = "7f3c9a52-court-1-first-try"
GUEST_KEY = "6f1f0a52-3c1e-4b7a-9d2f-8e5a1c7b4d30"
TOKEN = f"{BOOKING}.pD0n3Jv7Qx1Lr5Ty9Bk2Hs6Wm4Zc8Gf0Xa3Vu7Ne1Oi"
IDS: Mapping[str, str] = {
    "bookingId": BOOKING,
    "businessId": BUSINESS,
    "entryId": "w4n6r2q7m5x3kybdzcgt",
    "holidayId": "works-outing",
    "jobId": "q7m2x5k3zcg4wtn6r2yb",
    "resourceId": RESOURCE,
    "seriesId": "r3k5z7zcg2mwtn4q6ybx",
    "serviceId": "coaching",
    "timeOffId": "new-lines",
    "userId": "5d2c1a7e-8f40-4b6c-9d1e-3a5b7c9d2e4f",
    "slotId": SLOT,
    "token": TOKEN,
}

_PRICE: Json = {"amount": "45.00", "currency": "EUR"}
_CONTACT: Json = {"name": "Alice Example", "email": "alice@example.org", "phone": "+43 1 2345678"}
_HOURS: Json = {
    "mon": [{"from": "08:00", "to": "22:00"}],
    "sat": [{"from": "09:00", "to": "12:00"}, {"from": "13:00", "to": "20:00"}],
}
_MEMBER: Json = {"businessId": BUSINESS, "userId": IDS["userId"], "role": "staff", "version": 1}
_BOOKING: Json = {
    "bookingId": BOOKING,
    "bookingNumber": None,
    "businessId": BUSINESS,
    "slotId": SLOT,
    "serviceId": None,
    "resourceId": RESOURCE,
    "resourceIds": [RESOURCE],
    "userId": IDS["userId"],
    "status": "RESERVED",
    "units": 1,
    "start": START,
    "end": END,
    "timeZone": "Europe/Vienna",
    "reservedAt": "2030-04-28T18:02:11.482+02:00",
    "expiresAt": "2030-04-28T18:04:11.482+02:00",
    "confirmedAt": None,
    "cancelledAt": None,
    "completedAt": None,
    "price": {"unit": _PRICE, "total": _PRICE},
    "refund": None,
    "notes": "Near the entrance, please.",
    "contact": _CONTACT,
    "subject": None,
    "metadata": {},
    "rescheduleCount": 0,
    "movedFrom": [],
    "seriesId": None,
    "version": 1,
    "serverTime": "2030-04-28T18:02:11.482+02:00",
}
_SLOT: Json = {
    "slotId": SLOT,
    "businessId": BUSINESS,
    "resourceId": RESOURCE,
    "start": START,
    "end": END,
    "capacity": 2,
    "available": 1,
    "status": "AVAILABLE",
    "price": _PRICE,
    "metadata": {},
    "timeZone": "Europe/Vienna",
}
_FULL_SLOT: Json = {**_SLOT, "available": 0, "status": "BOOKED"}
_PLACE: Json = {
    "entryId": IDS["entryId"],
    "slotId": SLOT,
    "status": "WAITING",
    "units": 1,
    "position": 3,
    "totalInQueue": 15,
    "estimatedWaitTime": "4 to 18 minutes",
    "joinedAt": "2030-04-28T18:02:11.482+02:00",
    "bookingId": None,
    "slotDetails": _FULL_SLOT,
    "timeZone": "Europe/Vienna",
    "serverTime": "2030-04-28T18:02:11.482+02:00",
}
_ENTRY_HISTORY: Json = {
    "from": "WAITING",
    "to": "WAITING",
    "trigger": "join",
    "actor": f"customer:{IDS['userId']}",
    "at": "2030-04-28T18:02:11.482+02:00",
    "reason": None,
}
_RESOURCE: Json = {
    "businessId": BUSINESS,
    "resourceId": RESOURCE,
    "name": "Court 1",
    "kind": "court",
    "capacity": 2,
    "slotsMayOverlap": False,
    "hours": None,
    "breaks": [],
    "metadata": {"surface": "clay"},
    "version": 1,
}
_COACHING: Json = {
    "name": "Coaching",
    "durationMinutes": 60,
    "minDurationMinutes": 30,
    "maxDurationMinutes": 120,
    "grid": {"stepMinutes": 30},
    "maxSimultaneous": 2,
    "resourceIds": [RESOURCE],
    "requires": [{"kind": "court", "count": 1}],
    "price": _PRICE,
    "prices": {"weekend": {"amount": "55.00", "currency": "EUR"}},
    "policies": {"minimumNoticeMinutes": 120},
    "refundTiers": [{"beforeMinutes": 2880, "percentage": 100}],
}
_SERVICE: Json = {"businessId": BUSINESS, "serviceId": IDS["serviceId"], **_COACHING, "version": 1}
_OUTING: Json = {
    "date": "2030-05-17",
    "endDate": "2030-05-18",
    "name": "Works outing",
    "kind": "blackout",
    "yearly": False,
    "resourceIds": [RESOURCE],
}
_HOLIDAY: Json = {"businessId": BUSINESS, "holidayId": IDS["holidayId"], **_OUTING, "version": 1}
_LINES: Json = {
    "start": "2030-05-06T08:00:00.000+02:00",
    "end": "2030-05-07T12:00:00.000+02:00",
    "reason": "New lines are drawn.",
}
_TIME_OFF: Json = {
    "businessId": BUSINESS,
    "resourceId": RESOURCE,
    "timeOffId": IDS["timeOffId"],
    **_LINES,
    "timeZone": "Europe/Vienna",
    "version": 1,
}
_BUSINESS: Json = {
    "businessId": BUSINESS,
    "name": "Demo Club",
    "timeZone": "Europe/Vienna",
    "locale": "de-AT",
    "currency": "EUR",
    "hours": _HOURS,
    "breaks": [],
    "holidays": None,
    "grid": {"stepMinutes": 60, "bufferBeforeMinutes": 0, "bufferAfterMinutes": 0},
    "hold": {
        "defaultSeconds": 120,
        "minSeconds": 10,
        "maxSeconds": 900,
        "totalMaxSeconds": 1800,
        "cooldownSeconds": 0,
        "maxPerUser": 5,
    },
    "queue": {"enabled": True, "maxSize": 50, "claimSeconds": 300, "joinIfFull": False, "placeHours": 24},
    "policies": {"cancellationDeadlineMinutes": 60, "idempotencyKeyRequired": False, "afterEnd": "complete"},
    "refundTiers": [{"beforeMinutes": 1440, "percentage": 100}],
    "domain": {"domainType": "resource", "entityName": "court", "customFields": {}},
    "supportContact": "desk@demo.example",
    "version": 1,
}
_ONE_PAGE: Json = {"nextCursor": None}
_OFFER: Json = {
    "start": START,
    "end": END,
    "serviceId": "lesson",
    "resourceId": RESOURCE,
    "slotId": None,
    "available": 1,
    "capacity": 2,
    "price": _PRICE,
    "status": "AVAILABLE",
    "reasons": [],
}

OF: Mapping[str, Json] = {
    # what customers send
    "ReserveBody": {
        "slotId": SLOT,
        "units": 1,
        "holdSeconds": 300,
        "joinQueueIfFull": True,
        "notes": "Near the entrance, please.",
        "contact": _CONTACT,
    },
    "SeriesBody": {
        "businessId": BUSINESS,
        "serviceId": "tennis",
        "resourceId": RESOURCE,
        "start": "2030-05-01T09:00:00+02:00",
        "rrule": "FREQ=WEEKLY;COUNT=3",
        "mode": "skip_conflicts",
        "contact": _CONTACT,
    },
    "GuestReserveBody": {"slotId": SLOT, "units": 1, "contact": _CONTACT},
    "GuestConfirmBody": {"notes": "We come by bicycle."},
    "JoinBody": {"units": 1, "contact": _CONTACT},
    "ExtendBody": {"seconds": 300},
    "ConfirmBody": {"notes": "We come by bicycle."},
    "CancelBody": {"reason": "It rains."},
    "ScopedCancelBody": {"reason": "It rains.", "scope": "this"},
    "RescheduleBody": {"slotId": LATER_SLOT},
    "ScopedRescheduleBody": {"slotId": LATER_SLOT, "scope": "this"},
    "AmendBody": {"notes": "Two rackets, please."},
    "NoBody": {},
    # what admins send
    "BusinessBody": {
        "businessId": BUSINESS,
        "name": "Demo Club",
        "timeZone": "Europe/Vienna",
        "preset": "default",
        "currency": "EUR",
        "hours": _HOURS,
        "refundTiers": [{"beforeMinutes": 1440, "percentage": 100}],
    },
    "SettingsBody": {"name": "Demo Club", "timeZone": "Europe/Vienna", "hold": {"defaultSeconds": 300}},
    "ResourceTermsBody": {"name": "Court 1", "kind": "court", "capacity": 2},
    "MemberBody": {"userId": IDS["userId"], "role": "staff"},
    "RoleBody": {"role": "admin"},
    "ResourceBody": {"resourceId": RESOURCE, "name": "Court 1", "kind": "court", "capacity": 2},
    "ServiceBody": {"serviceId": IDS["serviceId"], **_COACHING},
    "ServiceTermsBody": _COACHING,
    "HolidayBody": {"holidayId": IDS["holidayId"], **_OUTING},
    "HolidayTermsBody": _OUTING,
    "TimeOffBody": {"timeOffId": IDS["timeOffId"], **_LINES},
    "TimeOffTermsBody": _LINES,
    "SlotBody": {
        "resourceId": RESOURCE,
        "start": "2030-05-01T09:00:00+02:00",
        "end": "2030-05-01T10:00:00+02:00",
        "capacity": 2,
        "price": _PRICE,
    },
    "SlotTermsBody": {"capacity": 4, "price": _PRICE},
    "ScheduleBody": {
        "resourceId": RESOURCE,
        "from": "2030-05-01",
        "to": "2030-05-31",
        "capacity": 2,
        "durationMinutes": 60,
        "price": _PRICE,
        "dryRun": True,
    },
    "ByHandBody": {
        "slotId": SLOT,
        "units": 1,
        "contact": _CONTACT,
        "override": ["minimum_notice"],
        "reason": "They stand at the desk.",
    },
    "RescheduleForBody": {"slotId": LATER_SLOT, "override": ["reschedule_deadline"], "reason": "It rains."},
    "MarkBody": {"reason": "They left early."},
    "ReasonBody": {"reason": "They asked at the desk."},
    "CancelForBody": {"reason": "The court is flooded.", "refundPercentage": 100},
    # what is answered
    "GuestBookingView": {**_BOOKING, "userId": "guest:hT2v9qLx4Mc", "manageToken": TOKEN},
    "BookingView": _BOOKING,
    "BookingsView": {"items": [_BOOKING], **_ONE_PAGE},
    "MadeSeriesView": {
        "seriesId": IDS["seriesId"],
        "businessId": BUSINESS,
        "mode": "skip_conflicts",
        "items": [
            {"start": START, "end": END, "status": "reserved", "bookingId": BOOKING, "reasons": []},
            {
                "start": "2030-05-08T09:00:00.000+02:00",
                "end": None,
                "status": "skipped",
                "bookingId": None,
                "reasons": ["taken"],
            },
            {
                "start": "2030-05-15T09:00:00.000+02:00",
                "end": "2030-05-15T10:00:00.000+02:00",
                "status": "reserved",
                "bookingId": "m2x5k3zcg4wtn6r2ybq7",
                "reasons": [],
            },
        ],
        "expiresAt": _BOOKING["expiresAt"],
        "timeZone": "Europe/Vienna",
        "serverTime": _BOOKING["serverTime"],
    },
    "SeriesView": {
        "seriesId": IDS["seriesId"],
        "businessId": BUSINESS,
        "mode": "skip_conflicts",
        "items": [{**_BOOKING, "seriesId": IDS["seriesId"]}],
        "timeZone": "Europe/Vienna",
        "serverTime": _BOOKING["serverTime"],
    },
    "ResultsView": {
        "items": [
            {
                "bookingId": BOOKING,
                "start": START,
                "end": END,
                "status": "CANCELLED",
                "done": True,
                "reasons": [],
                "refund": {"percentage": 100, "amount": _PRICE},
                "version": 3,
            }
        ],
        "timeZone": "Europe/Vienna",
        "serverTime": _BOOKING["serverTime"],
    },
    "HistoryView": {
        "items": [
            {
                "from": "PENDING",
                "to": "RESERVED",
                "trigger": "reserve",
                "actor": f"customer:{IDS['userId']}",
                "at": "2030-04-28T18:02:11.482+02:00",
                "reason": None,
                "override": [],
                "fromStart": None,
                "toStart": None,
            }
        ],
        "timeZone": "Europe/Vienna",
        **_ONE_PAGE,
    },
    "PlaceView": _PLACE,
    "JoinedView": {"queue": _PLACE},
    "EntriesView": {
        "items": [
            {
                "entryId": IDS["entryId"],
                "slotId": SLOT,
                "businessId": BUSINESS,
                "resourceId": RESOURCE,
                "start": START,
                "status": "WAITING",
                "units": 1,
                "position": 3,
                "joinedAt": "2030-04-28T18:02:11.482+02:00",
                "bookingId": None,
                "notes": None,
                "subject": None,
                "metadata": {},
                "history": [_ENTRY_HISTORY],
                "timeZone": "Europe/Vienna",
            }
        ],
        **_ONE_PAGE,
    },
    "QueueView": {
        "slotId": SLOT,
        "businessId": BUSINESS,
        "totalInQueue": 1,
        "items": [
            {
                "entryId": IDS["entryId"],
                "userId": IDS["userId"],
                "status": "WAITING",
                "units": 1,
                "position": 1,
                "passed": 0,
                "joinedAt": "2030-04-28T18:02:11.482+02:00",
                "endsAt": "2030-04-29T18:02:11.482+02:00",
                "notes": None,
                "contact": _CONTACT,
                "subject": None,
                "metadata": {},
                "history": [_ENTRY_HISTORY],
            }
        ],
        **_ONE_PAGE,
        "slotDetails": _FULL_SLOT,
        "timeZone": "Europe/Vienna",
        "serverTime": "2030-04-28T18:02:11.482+02:00",
    },
    "TicketView": {
        "ticket": "c3VwcG9zZS10aGlzLWlzLWEtcmFuZG9tLXRpY2tldC4",
        "wsUrl": "wss://realtime.example.org/live",
        "expiresAt": "2030-04-28T18:03:11.482+02:00",
        "serverTime": "2030-04-28T18:02:11.482+02:00",
    },
    "SlotView": _SLOT,
    "SlotsView": {"items": [_SLOT], **_ONE_PAGE},
    "OffersView": {"items": [_OFFER], "timeZone": "Europe/Vienna", **_ONE_PAGE},
    "CapacityView": {
        "serviceId": None,
        "resourceId": RESOURCE,
        "start": START,
        "end": END,
        "capacity": 2,
        "available": 1,
        "timeZone": "Europe/Vienna",
    },
    "ResourceView": _RESOURCE,
    "ResourcesView": {"items": [_RESOURCE], **_ONE_PAGE},
    "ServiceView": _SERVICE,
    "ServicesView": {"items": [_SERVICE], **_ONE_PAGE},
    "HolidayView": _HOLIDAY,
    "HolidaysView": {"items": [_HOLIDAY], **_ONE_PAGE},
    "TimeOffView": _TIME_OFF,
    "TimesOffView": {"items": [_TIME_OFF], **_ONE_PAGE},
    "BusinessView": _BUSINESS,
    "BusinessSettingsView": {
        **_BUSINESS,
        "preset": "default",
        "rateLimits": {
            "reservePerMinute": 10,
            "queuePerMinute": 20,
            "positionPerMinute": 100,
            "cancelPerMinute": 5,
        },
    },
    "GeneratedView": {
        "dryRun": True,
        "created": [{"slotId": SLOT, "start": START, "end": END}],
        "skipped": [],
        "timeZone": "Europe/Vienna",
    },
    "DryRunView": {
        "dryRun": True,
        "checked": 12,
        "orphaned": [
            {
                "bookingId": BOOKING,
                "userId": IDS["userId"],
                "serviceId": IDS["serviceId"],
                "resourceId": RESOURCE,
                "start": START,
                "end": END,
                "reasons": ["outside_hours"],
            }
        ],
        "until": "2030-07-28T18:02:11.482+02:00",
        "complete": True,
        "timeZone": "Europe/Vienna",
    },
    "MemberView": _MEMBER,
    "MembersView": {"items": [_MEMBER], "nextCursor": None},
    "JobView": {
        "jobId": IDS["jobId"],
        "businessId": BUSINESS,
        "slotId": SLOT,
        "status": "running",
        "endedBookings": 1,
        "startedAt": "2030-04-29T08:00:00.000+02:00",
        "finishedAt": None,
        "timeZone": "Europe/Vienna",
    },
    "HealthView": {
        "status": "healthy",
        "components": {"database": "up", "queue": "up", "events": "up"},
        "version": "0.1.0",
    },
}
"""By the name of the schema."""
