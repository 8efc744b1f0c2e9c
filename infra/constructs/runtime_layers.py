"""The two layers every function runs on: what we depend on, and what we share."""

from __future__ import annotations

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.bundling import Bundle, DependencyLayer, DomainLayer
from infra.settings import Settings

RUNTIME = lambda_.Runtime.PYTHON_3_13


class RuntimeLayers(Construct):
    """Dependencies change with the lock file, the domain with nearly every commit: hence two layers."""

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(scope, construct_id)
        self._settings = settings
        self.all = (
            self._layer(
                "Dependencies",
                DependencyLayer(
                    architecture=settings.architecture, runs_on_this_machine=settings.runs_on_this_machine
                ),
                description="Locked wheels from uv.lock",
            ),
            self._layer("Domain", DomainLayer(), description="holdfast: rules, use cases, adapters"),
        )

    def _layer(self, construct_id: str, bundle: Bundle, *, description: str) -> lambda_.LayerVersion:
        return lambda_.LayerVersion(
            self,
            construct_id,
            code=bundle.as_code(),
            description=description,
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[self._settings.architecture],
        )
