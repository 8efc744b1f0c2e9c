"""What the stacks are made of: each construct is one decision about how Holdfast uses an AWS service."""
