"""Sealed tables: private rows in public files (docs/sealed-tables.md)."""
