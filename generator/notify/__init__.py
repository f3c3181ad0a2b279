"""Notices to subscribers: what has changed in a published portal, sent to each who asked for it, once (docs/notify.md)."""
