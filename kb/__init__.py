"""What the portal knows: typed records, parsing, validation, release arithmetic, importers."""
