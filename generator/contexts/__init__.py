"""Contexts: what templates see, by what pages are about."""
