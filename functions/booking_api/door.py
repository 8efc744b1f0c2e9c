"""The booking operations' one door, and how it answers; each module beside this registers its own on it."""

from __future__ import annotations

from holdfast.http import params
from holdfast.http.api import Api
from holdfast.http.booking_answers import booking_answer, done_answer, known_business, results_answer, zone_of

__all__ = ["api", "booking_answer", "done_answer", "known_business", "results_answer", "zone_of"]

api = Api(query=(params.TIME_ZONE,))
