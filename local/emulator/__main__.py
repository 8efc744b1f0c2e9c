"""`python -m local.emulator`: run the patched emulator in the foreground."""

from local.emulator.launcher import main

main()
