"""Patch `secrets`: in a template, `Ref` of a secret is its ARN, as on AWS.

MiniStack's CloudFormation takes the secret's name for it. A policy that grants the reading of what `Ref`
names then matches nothing, so that with `--auth` nobody may read a secret.
"""

from typing import Any

from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners

from local.emulator.settings import Settings

type Made = tuple[str, dict[str, Any]]

_handlers = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]
_create, _update, _delete = (_handlers[name] for name in ("create", "update", "delete"))


def apply(settings: Settings) -> None:
    _handlers.update(create=_create_by_arn, update=_update_by_arn, delete=_delete_by_arn)


def _create_by_arn(*asked: Any) -> Made:
    return _known_by_arn(_create(*asked))


def _update_by_arn(arn: str, *asked: Any, **named: Any) -> Made:
    return _known_by_arn(_update(_name(arn), *asked, **named))


def _delete_by_arn(arn: str, props: dict[str, Any]) -> None:
    _delete(_name(arn), props)


def _known_by_arn(made: Made) -> Made:
    _, attributes = made
    return attributes["Arn"], attributes


def _name(arn: str) -> str:
    name, _ = secretsmanager._resolve(arn)
    return name or arn
