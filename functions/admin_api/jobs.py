"""Jobs: what has become of work that takes longer than a request may."""

from __future__ import annotations

from functions.admin_api.door import api, zone_of
from holdfast.domain.errors import NotFound
from holdfast.http import views
from holdfast.http.api import Answer, Call
from holdfast.http.ports import Ports


@api.get("/v1/admin/jobs/{jobId}", answers={200: views.JobView})
def get_job(call: Call[None], ports: Ports) -> Answer:
    """The removal of a slot with its bookings: how many have ended, and whether it is done."""
    job = ports.ledger().job(call.path["jobId"])
    if job is None or not call.caller.works_at(job.slot.business):
        raise NotFound("job")
    return Answer(body=views.job_view(job, zone_of(ports, job.slot.business)))
