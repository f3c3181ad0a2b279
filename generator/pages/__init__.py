"""Page contexts: the library, in one language, as what templates see."""
