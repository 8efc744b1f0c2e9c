"""The botocore session all clients of a process share.

What costs at start-up is reading the service models, and a session reads each once. Botocore itself, not
boto3: that would add only its import (ADR 0020).
"""

from __future__ import annotations

from functools import cache

from botocore.session import Session, get_session


@cache
def session() -> Session:
    return get_session()
