"""The guests' one door; each module beside this registers its own operations on it. None needs a login."""

from __future__ import annotations

from holdfast.http import params
from holdfast.http.api import Api

api = Api(query=(params.TIME_ZONE,))
