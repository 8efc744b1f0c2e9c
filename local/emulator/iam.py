"""Patch `iam`: the batch calls of SQS need the permission of the single call, as on AWS.

There is no IAM action `sqs:SendMessageBatch`: AWS asks for `sqs:SendMessage`. MiniStack, when it enforces
IAM, asks for an action of the batch's own name, which no well-written policy grants.
"""

from typing import Any

from ministack.core import iam_actions

from local.emulator.settings import Settings

ACTION_OF_BATCH = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
}

_extract = iam_actions.extract_iam_action


def apply(settings: Settings) -> None:
    def extract_iam_action(*request: Any) -> str | None:
        action: str | None = _extract(*request)
        return ACTION_OF_BATCH.get(action, action) if action else action

    iam_actions.extract_iam_action = extract_iam_action  # `app` imports it anew for each request
