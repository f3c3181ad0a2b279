"""The commands: each reads its options, calls one function, prints, sets the exit code."""
