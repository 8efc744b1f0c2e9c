"""Every key of every table (DESIGN 2, 5).

| item     | table     | PK                                    | SK                 |
|----------|-----------|---------------------------------------|--------------------|
| slot     | Ledger    | RESOURCE#<business>#<resource>#<month> | <DD>#SLOT#<HHMM>  |
| day      | Ledger    | RESOURCE#<business>#<resource>#<month> | <DD>#DAY          |
| booking  | Ledger    | BOOKING#<id>                          | BOOKING            |
| entry    | Ledger    | ENTRY#<id>                            | ENTRY              |
| number   | Ledger    | NUMBER#<number>                       | NUMBER             |
| job      | Ledger    | JOB#<id>                              | JOB                |
| series   | Ledger    | SERIES#<id>                           | SERIES             |
| business | Catalog   | BUSINESS#<id>                         | BUSINESS           |
| revision | Catalog   | BUSINESS#<id>                         | REVISION           |
| resource | Catalog   | BUSINESS#<id>                         | RESOURCE#<id>      |
| service  | Catalog   | BUSINESS#<id>                         | SERVICE#<id>       |
| holiday  | Catalog   | BUSINESS#<id>                         | HOLIDAY#<id>       |
| time off | Catalog   | BUSINESS#<id>                         | TIMEOFF#<resource>#<id> |
| member   | Catalog   | BUSINESS#<id>                         | MEMBER#<user>      |
| caller   | Ephemeral | CALLER#<user>                         | CALLER             |
| ticket   | Ephemeral | TICKET#<hash>                         | TICKET             |
| connection | Ephemeral | CONNECTION#<id>                     | CONNECTION         |
| subscription | Ephemeral | CHANNEL#<channel>                 | <connection>#<who> |
| told     | Ephemeral | CHANNEL#<channel>                     | TOLD               |

Indexes of Ledger, keys only: `by_user` (owner, start; entries under `QUEUED#<owner>`), `by_business_day`
(businessDay, start), `due` (dueShard, due), which is sparse: what has no `due` is not in it.
"""

from __future__ import annotations

from zlib import crc32

from holdfast.domain.appointment import Spot
from holdfast.domain.place import DayKey, LedgerKey, SlotKey

type Key = dict[str, dict[str, str]]

SHARDS = 4
BY_USER, BY_BUSINESS_DAY, DUE = "by_user", "by_business_day", "due"
TOLD = "TOLD"
REVISION = "REVISION"


def slot_key(slot: SlotKey) -> Key:
    return _key(month_pk(slot.business, slot.resource, slot.day[:7]), f"{slot.day[8:]}#SLOT#{slot.time}")


def day_key(day: DayKey) -> Key:
    return _key(month_pk(day.business, day.resource, day.day[:7]), f"{day.day[8:]}#DAY")


def ledger_key(ledger: LedgerKey) -> Key:
    return slot_key(ledger) if isinstance(ledger, SlotKey) else day_key(ledger)


def booking_key(booking_id: str) -> Key:
    return _key(f"BOOKING#{booking_id}", "BOOKING")


def entry_key(entry_id: str) -> Key:
    return _key(f"ENTRY#{entry_id}", "ENTRY")


def waiting_owner(owner: str) -> str:
    """Whose entries these are, in the index that also holds the owner's bookings."""
    return f"QUEUED#{owner}"


def number_key(number: str) -> Key:
    return _key(f"NUMBER#{number}", "NUMBER")


def job_key(job_id: str) -> Key:
    return _key(f"JOB#{job_id}", "JOB")


def series_key(series_id: str) -> Key:
    return _key(f"SERIES#{series_id}", "SERIES")


def caller_key(caller: str) -> Key:
    return _key(f"CALLER#{caller}", "CALLER")


def ticket_key(hashed: str) -> Key:
    return _key(f"TICKET#{hashed}", "TICKET")


def connection_key(connection: str) -> Key:
    return _key(f"CONNECTION#{connection}", "CONNECTION")


def channel_pk(channel: str) -> str:
    return f"CHANNEL#{channel}"


def subscription_key(channel: str, connection: str, who: str) -> Key:
    """All who listen to a channel lie together, so that a fan-out is one Query."""
    return _key(channel_pk(channel), f"{connection}#{who}")


def told_key(channel: str) -> Key:
    """Beside them, what all of them were told: the same Query reads it."""
    return _key(channel_pk(channel), TOLD)


def revision_key(business: str) -> Key:
    return _key(business_pk(business), REVISION)


def business_pk(business: str) -> str:
    return f"BUSINESS#{business}"


def time_off_sk(resource: str) -> str:
    """How the sort keys of a resource's times off begin."""
    return f"TIMEOFF#{resource}#"


def month_pk(business: str, resource: str, month: str) -> str:
    """A resource's month holds its slots and days; `month` is `YYYY-MM` of the ledger calendar."""
    return f"RESOURCE#{business}#{resource}#{month}"


def due_shards() -> tuple[str, ...]:
    return tuple(f"DUE#{number}" for number in range(SHARDS))


def due_shard(key: Key) -> str:
    """Spreads what is due over a few partitions, by the item's own key, so that it never changes."""
    return f"DUE#{crc32((key['PK']['S'] + key['SK']['S']).encode()) % SHARDS}"


def business_day(booking_id: str, spot: Spot) -> str:
    """Spreads a business's day over a few partitions, by the booking's id."""
    return business_day_shards(spot.business, spot.day)[crc32(booking_id.encode()) % SHARDS]


def business_day_shards(business: str, day: str) -> tuple[str, ...]:
    """All partitions of a business's ledger day."""
    return tuple(f"{business}#{day}#{number}" for number in range(SHARDS))


def read_slot_key(key: Key) -> SlotKey | None:
    """The slot that a key is of, None where it is of something else."""
    kind, *rest = key["PK"]["S"].split("#")
    day, _, time = key["SK"]["S"].partition("#SLOT#")
    if kind != "RESOURCE" or not time:
        return None
    business, resource, month = rest
    return SlotKey(business, resource, f"{month}-{day}", time)


def read_day_key(key: Key) -> DayKey | None:
    """The day that a key is of, None where it is of something else."""
    kind, *rest = key["PK"]["S"].split("#")
    day, _, what = key["SK"]["S"].partition("#")
    if kind != "RESOURCE" or what != "DAY":
        return None
    business, resource, month = rest
    return DayKey(business, resource, f"{month}-{day}")


def read_booking_id(key: Key) -> str | None:
    kind, _, booking_id = key["PK"]["S"].partition("#")
    return booking_id if kind == "BOOKING" else None


def read_job_id(key: Key) -> str | None:
    kind, _, job_id = key["PK"]["S"].partition("#")
    return job_id if kind == "JOB" else None


def _key(pk: str, sk: str) -> Key:
    return {"PK": {"S": pk}, "SK": {"S": sk}}
