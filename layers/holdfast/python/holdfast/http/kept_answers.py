"""Idempotency of what has no booking: admin POSTs, by Powertools' utility on the Ephemeral table (DESIGN 3).

Only the admin function uses this. The utility brings boto3, a tenth of a start-up, so it is imported by the
first keyed request and not by a function that answers a read (ADR 0020).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from holdfast.domain.errors import KeyReused, RequestInProgress, Unavailable
from holdfast.http.api import Answer, Call

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.idempotency.persistence.base import BasePersistenceLayer

KEPT_SECONDS = 24 * 60 * 60


class KeptAnswers:
    """Keeps the answers of keyed requests for 24 hours. Refusals are not kept: they may pass."""

    def __init__(self, store: Callable[[], BasePersistenceLayer]) -> None:
        self._store = cache(store)

    def __call__(self, call: Call[Any], run: Callable[[], Answer]) -> Answer:
        """Raises KeyReused, RequestInProgress or Unavailable besides what `run` raises."""
        from aws_lambda_powertools.utilities.idempotency import (
            IdempotencyConfig,
            exceptions,
            idempotent_function,
        )

        def run_once(*, request: dict[str, str]) -> dict[str, Any]:
            answer = run()
            return {
                "status": answer.status,
                "body": answer.body,
                "version": answer.version,
                "location": answer.location,
                "replayed": False,
            }

        # Without the context a crash would leave the key in progress for the whole 24 hours.
        config = IdempotencyConfig(
            event_key_jmespath="op",
            payload_validation_jmespath="fingerprint",
            raise_on_no_idempotency_key=True,
            expires_after_seconds=KEPT_SECONDS,
            hash_function="sha256",
            lambda_context=call.context,
            response_hook=lambda kept, _: kept | {"replayed": True},
        )
        idempotent = idempotent_function(
            run_once,
            data_keyword_argument="request",
            persistence_store=self._store(),
            config=config,
            key_prefix="admin",
        )
        try:
            kept = idempotent(request={"op": call.asked.op, "fingerprint": call.asked.fingerprint})
        except exceptions.IdempotencyValidationError:
            raise KeyReused from None
        except (exceptions.IdempotencyAlreadyInProgressError, exceptions.IdempotencyInconsistentStateError):
            raise RequestInProgress from None
        except exceptions.IdempotencyPersistenceLayerError as error:
            raise Unavailable("kept answers cannot be reached") from error
        return Answer(**kept)


def in_table(name: str) -> BasePersistenceLayer:
    """Kept answers as items of the Ephemeral table."""
    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer
    from botocore.config import Config

    return DynamoDBPersistenceLayer(
        name,
        key_attr="PK",
        sort_key_attr="SK",
        static_pk_value="ANSWERS",
        expiry_attr="ttl",
        boto_config=Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 3}),
    )
