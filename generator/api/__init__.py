"""The files below ``api/v1/`` that programs read (docs/api.md)."""
