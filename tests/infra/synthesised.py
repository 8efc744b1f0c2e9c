"""One stage's templates, in the words the rules are stated in."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws_cdk import App

from infra.app import build
from infra.bundling import REPOSITORY
from infra.settings import Settings, for_stage

type Properties = dict[str, Any]
NO_BUILDING: dict[str, list[str]] = {"aws:cdk:bundling-stacks": []}


@dataclass(frozen=True, kw_only=True)
class Synthesised:
    """Both templates of a stage, its settings, and the assembly's folder."""

    settings: Settings
    data: Properties
    service: Properties
    folder: Path

    def of_type(self, kind: str) -> dict[str, Properties]:
        """The resources of this type in both stacks, by their names without CDK's hashes."""
        return {
            unhashed(logical_id): resource
            for template in (self.data, self.service)
            for logical_id, resource in template["Resources"].items()
            if resource["Type"] == kind
        }

    def function(self, folder: str) -> Properties:
        (found,) = (
            function["Properties"]
            for function in self.of_type("AWS::Lambda::Function").values()
            if function["Properties"]["Handler"] == f"functions.{folder}.handler.handler"
        )
        return dict(found)

    def named(self, value: Any) -> str:
        """A reference as a readable name: `Ledger.Arn/index/due`, `TimersQueue.Arn`, `*`."""
        match value:
            case str():
                return value
            case {"Ref": str(logical_id)}:
                return unhashed(logical_id)
            case {"Fn::GetAtt": [str(logical_id), str(attribute)]}:
                return f"{unhashed(logical_id)}.{attribute}"
            case {"Fn::Join": [str(glue), list(parts)]}:
                return glue.join(self.named(part) for part in parts)
            case {"Fn::ImportValue": str(export)}:
                (output,) = (
                    output["Value"]
                    for output in self.data["Outputs"].values()
                    if output.get("Export", {}).get("Name") == export
                )
                return self.named(output)
        raise AssertionError(f"no name for {value!r}")


def unhashed(logical_id: str) -> str:
    return re.sub(r"[0-9A-F]{8}$", "", logical_id)


def new_app(folder: Path, *, building: bool = False) -> App:
    """An app with the flags of cdk.json, as the CLI would start it."""
    flags = json.loads((REPOSITORY / "cdk.json").read_text())["context"]
    context = flags if building else flags | NO_BUILDING
    return App(context=context, outdir=str(folder), analytics_reporting=False)


def synthesise(stage: str, folder: Path) -> Synthesised:
    app, settings = new_app(folder), for_stage(stage)
    data, service = build(app, settings)
    app.synth()
    return Synthesised(
        settings=settings,
        data=json.loads((folder / data.template_file).read_text()),
        service=json.loads((folder / service.template_file).read_text()),
        folder=folder,
    )
