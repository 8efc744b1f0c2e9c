"""Idempotency of what has no booking: admin POSTs, by Powertools' utility on the Ephemeral table (DESIGN 3).

Only the admin function imports this: the utility costs start-up time that the booking path must not pay.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyInconsistentStateError,
    IdempotencyPersistenceLayerError,
    IdempotencyValidationError,
)
from aws_lambda_powertools.utilities.idempotency.persistence.base import BasePersistenceLayer
from aws_lambda_powertools.utilities.idempotency.persistence.dynamodb import DynamoDBPersistenceLayer
from botocore.config import Config

from holdfast.domain.errors import KeyReused, RequestInProgress, Unavailable
from holdfast.http.api import Answer, Call

KEPT_SECONDS = 24 * 60 * 60


class KeptAnswers:
    """Keeps the answers of keyed requests for 24 hours. Refusals are not kept: they may pass."""

    def __init__(self, store: Callable[[], BasePersistenceLayer]) -> None:
        self._store = cache(store)

    def __call__(self, call: Call[Any], run: Callable[[], Answer]) -> Answer:
        """Raises KeyReused, RequestInProgress or Unavailable besides what `run` raises."""

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
        except IdempotencyValidationError:
            raise KeyReused from None
        except (IdempotencyAlreadyInProgressError, IdempotencyInconsistentStateError):
            raise RequestInProgress from None
        except IdempotencyPersistenceLayerError as error:
            raise Unavailable("kept answers cannot be reached") from error
        return Answer(**kept)


def in_table(name: str) -> BasePersistenceLayer:
    """Kept answers as items of the Ephemeral table."""
    return DynamoDBPersistenceLayer(
        name,
        key_attr="PK",
        sort_key_attr="SK",
        static_pk_value="ANSWERS",
        expiry_attr="ttl",
        boto_config=Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 3}),
    )
