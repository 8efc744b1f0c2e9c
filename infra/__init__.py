"""Holdfast's stacks. Imported before `aws_cdk`, so that jsii does not print its notice on Node 20."""

import os

os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")
