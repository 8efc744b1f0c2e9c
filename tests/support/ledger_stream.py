"""The Ledger's stream, read past all consumers: each write of a slot, in order, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from holdfast.adapters.dynamodb.slots import slot_of
from holdfast.domain import invariants
from holdfast.domain.instants import Instant, from_datetime
from holdfast.domain.slot import Slot

MOST_PAGES = 1_000

type Record = Mapping[str, Any]


@dataclass(frozen=True)
class SlotWrite:
    """One write of a slot; `at` is of the second, as streams tell it."""

    before: Slot
    after: Slot
    at: Instant

    @property
    def given(self) -> list[str]:
        """The bookings whose claims this write made."""
        before = {claim.booking for claim in self.before.claims.values()}
        return [claim.booking for claim in self.after.claims.values() if claim.booking not in before]

    @property
    def taken_back(self) -> list[str]:
        """The bookings whose claims are gone with this write."""
        after = {claim.booking for claim in self.after.claims.values()}
        return [claim.booking for claim in self.before.claims.values() if claim.booking not in after]

    def violations(self) -> Iterator[str]:
        yield from invariants.of_slot(self.after, self.at)
        yield from invariants.of_turns(self.before, self.after, self.at)


class LedgerStream:
    """All that is written from the moment this is made."""

    def __init__(self, dynamodb: Any, streams: Any, table: str) -> None:
        self._streams = streams
        arn = dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"]
        (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        self._position = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="LATEST"
        )["ShardIterator"]

    def slot_records(self, slot_ids: Set[str]) -> list[Record]:
        """The records of these slots' writes since the last look, as a function is sent them."""
        found: list[Record] = []
        for _ in range(MOST_PAGES):
            page = self._streams.get_records(ShardIterator=self._position)
            self._position = page["NextShardIterator"]
            if not page["Records"]:
                return found
            found += [record for record in page["Records"] if _slot_id(record) in slot_ids]
        raise AssertionError(f"the stream does not end within {MOST_PAGES} pages")


def slot_writes(records: Sequence[Record]) -> list[SlotWrite]:
    """Changes of a slot that was there."""
    return [
        SlotWrite(
            slot_of(images["OldImage"]),
            slot_of(images["NewImage"]),
            from_datetime(images["ApproximateCreationDateTime"]),
        )
        for images in (record["dynamodb"] for record in records)
        if "OldImage" in images
    ]


def _slot_id(record: Record) -> str | None:
    image = record["dynamodb"].get("NewImage", {})
    return slot_of(image).key.slot_id if image.get("kind") == {"S": "slot"} else None
