"""The two stacks of a stage: what must be kept, and what may be replaced at any deploy."""
