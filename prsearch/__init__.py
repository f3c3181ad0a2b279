"""How problem reports are searched."""
