"""Remove a slot with all its bookings, as a job that can be killed anywhere and started again (DESIGN 3).

Block; end each booking by its own transaction, counted in the job by the same; end the places of who waits;
then windows out, tombstone and job done in one. Every step is decided from what is there, so a second run
goes on where the first died.
"""

from __future__ import annotations

from holdfast.app.admins import administered
from holdfast.app.asked import Asked
from holdfast.app.change_slot import freed_days
from holdfast.app.create_slot import MOST_TRIES
from holdfast.app.existing import existing_slot
from holdfast.app.leave_queue import entry_ends
from holdfast.app.ports import Catalog, Jobs, Ledger, Lost
from holdfast.app.writes import RemoveClaim, RemovePlace, SaveBooking, SaveJob, SaveSlot, Write, end_of_turn
from holdfast.domain.booking import ENDED, Booking, BookingStatus, Deed, Ending
from holdfast.domain.entry import EntryEnding, EntryStatus
from holdfast.domain.errors import SlotPast, Unavailable
from holdfast.domain.identity import derived_id
from holdfast.domain.instants import SECOND, Instant
from holdfast.domain.job import Job, JobStatus
from holdfast.domain.place import SlotKey
from holdfast.domain.refund import Refund
from holdfast.domain.slot import Slot, SlotState

MOST_ROUNDS = 20
LOOK_AGAIN = 15 * SECOND

OVER = frozenset({BookingStatus.COMPLETED, BookingStatus.NO_SHOW})
"""What has taken place cannot be undone: its claim stays in the tombstone."""


def start_removal(ledger: Ledger, jobs: Jobs, catalog: Catalog, asked: Asked, key: SlotKey) -> Job:
    """Close the slot, record the job and send it off; a repeat finds the job there and sends it again.

    Raises NotFound, Forbidden, StaleVersion or SlotPast.
    """
    business = administered(catalog, asked, key.business, missing="slot")
    job = _recorded(ledger, asked, key, business.ledger_offset)
    if job.status is JobStatus.RUNNING:
        jobs.send(job.id)
    return job


def _recorded(ledger: Ledger, asked: Asked, key: SlotKey, ledger_offset: int) -> Job:
    job_id = derived_id("job", asked.op)
    for _ in range(MOST_TRIES):
        there = ledger.job(job_id)
        if there:
            return there
        slot = existing_slot(ledger.slot(key))
        asked.require_version(slot.terms)
        if slot.end <= asked.now:
            raise SlotPast
        job = Job(
            id=job_id,
            slot=key,
            slot_op=slot.op,
            ledger_offset=ledger_offset,
            actor=f"admin:{asked.caller.id}",
            started_at=asked.now,
        )
        closed = [SaveSlot(slot.in_state(SlotState.BLOCKED, asked.op, asked.now))]
        try:
            ledger.commit(SaveJob(job, absent=True), *(closed if slot.state is SlotState.OPEN else ()))
        except Lost:
            continue
        return job
    raise Unavailable("the slot changes too quickly")


def run_removal(ledger: Ledger, job_id: str, now: Instant) -> Instant | None:
    """Go on with a job until it is done; answers when to look again if it has to wait, else None.

    It waits for claims without a record: the record may be on its way to a customer who was told that the
    hold is theirs. A reserve that died before its record leaves a claim that lapses by itself.
    """
    for _ in range(MOST_ROUNDS):
        job = ledger.job(job_id)
        if job is None or job.status is JobStatus.DONE:
            return None
        slot = ledger.slot(job.slot)
        if slot is None or slot.op != job.slot_op or slot.state is SlotState.DELETED:
            if _commits(ledger, SaveJob(job.finished(now))):
                return None
        elif slot.state is SlotState.OPEN:
            _commits(ledger, SaveSlot(slot.in_state(SlotState.BLOCKED, job.id, now)))
        else:
            waits, done = _round(ledger, job, slot, now)
            if done:
                return None
            if waits:
                return now + LOOK_AGAIN
    raise Unavailable("the slot changes too quickly")


def _round(ledger: Ledger, job: Job, slot: Slot, now: Instant) -> tuple[bool, bool]:
    """End what can be ended; whether something has to be waited for, and whether the job is done."""
    over: set[str] = set()
    waits = ended = False
    for who, claim in slot.live(now).items():
        booking = ledger.booking(claim.booking)
        if booking is None:
            waits = True
            continue
        if booking.spot == slot.key and booking.status in OVER:
            over.add(who)
            continue
        writes: list[Write] = [RemoveClaim(slot.key, who, claim)]
        after = job
        if booking.spot == slot.key and booking.status not in ENDED:
            after = job.one_more()
            undone = _ended(booking, job, now)
            writes += [SaveBooking(undone), SaveJob(after), *end_of_turn(booking, undone)]
        if not _commits(ledger, *writes):
            return False, False
        job, ended = after, True
    for who, place in slot.places.items():
        deed = Deed(f"remove:{job.id}", job.actor, now, "slot_removal", EntryEnding.SLOT_REMOVED)
        ends = entry_ends(ledger, place, EntryStatus.EXPIRED, deed)
        if not _commits(ledger, RemovePlace(slot.key, who, place), *ends):
            return False, False
        ended = True
    if waits or ended:
        return waits, False
    tombstone = slot.removed(job.id, now, keeping=over)
    days = freed_days(ledger, slot, job.ledger_offset)
    return False, _commits(ledger, SaveSlot(tombstone), *days, SaveJob(job.finished(now)))


def _ended(booking: Booking, job: Job, now: Instant) -> Booking:
    deed = Deed(f"remove:{job.id}", job.actor, now, "slot_removal", Ending.SLOT_REMOVED)
    if booking.status is BookingStatus.RESERVED:
        return booking.moved(BookingStatus.EXPIRED, deed)
    return booking.cancelled(Refund(100, booking.price), deed)


def _commits(ledger: Ledger, *writes: Write) -> bool:
    """Whether they were written; if not, somebody else was quicker."""
    try:
        ledger.commit(*writes)
    except Lost:
        return False
    return True
