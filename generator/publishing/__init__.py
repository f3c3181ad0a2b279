"""How a built portal gets to where readers see it: ``waypost publish`` (docs/publishing.md)."""
