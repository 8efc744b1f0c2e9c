"""MiniStack 1.5.33, brought closer to AWS by six small patches: `python -m local.emulator --help`."""
