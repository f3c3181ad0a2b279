"""What hits the devices that somebody runs, found in the published files of a portal (docs/network.md)."""
