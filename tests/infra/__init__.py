"""What the templates must say, asked of all three stages without building or deploying anything."""

import infra  # noqa: F401  (before any test imports aws_cdk: it silences jsii)
