"""How a feed looks that somebody opens in a browser: a style sheet, since browsers give XSLT up."""

from __future__ import annotations

from generator.edition import Edition

_STYLE = """\
@charset "utf-8";
:root { color-scheme: light dark; --line: light-dark(#d5dae0, #3b434d); --quiet: light-dark(#4d5866, #a9b4c0); }
feed, rss { display: block; max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; font: 1rem/1.6 system-ui, sans-serif;
  background: Canvas; color: CanvasText; overflow-wrap: anywhere; }
feed::before, rss::before { content: "%s"; display: block; margin-bottom: 1.5rem; padding: .8rem 1rem;
  border: 1px solid var(--line); border-inline-start: .3rem solid currentColor; border-radius: .3rem; }
channel, entry, item, title, subtitle, description, published, updated, pubDate { display: block; }
feed > title, channel > title { font-size: 1.6rem; font-weight: 700; line-height: 1.3; }
entry, item { margin-top: 1.2rem; padding-top: 1.2rem; border-top: 1px solid var(--line); }
entry > title, item > title { font-weight: 600; }
entry > id, entry > link, entry > author, entry > published, entry > category, entry > summary, feed > id, feed > author,
feed > updated, item > link, item > guid, item > category, item > description, item > *|creator, item > *|language,
item > *|published, item > *|updated, channel > link, channel > language, channel > lastBuildDate { display: none; }
entry > updated, item > pubDate, subtitle, channel > description { color: var(--quiet); }
"""


def style_sheet(edition: Edition) -> bytes:
    """The style sheet of an edition's feeds; it says what a feed is."""
    words = edition.say("This is a feed for feed readers: copy the address of this page into yours, and it tells you of every "
                        "new and changed record. All feeds are on the page Subscribe of this portal.")
    return (_STYLE % _string(words)).encode()


def _string(text: str) -> str:
    """A text within quotation marks (CSS syntax, section 4.3.7)."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
