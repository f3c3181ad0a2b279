"""How well the search box finds what people describe: ``python -m tests.benchmarks.search_quality``.

A portal is built of real knowledge-base articles and known issues (../shared/data, see SOURCES.md there). Queries are texts that
were taken out of what is indexed: an article's ``description`` and ``keywords``, the first sentence of a known issue's Summary, each
clean and with one random typing error. They are asked through the portal's own modules in Chromium and, over the same texts, of a
BM25 index (tantivy). Prints recall and mean reciprocal rank for the README.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import tantivy
from playwright.sync_api import Page, sync_playwright

from generator.build import Options, build
from kb.importers import run_import
from kb.library import Library, View
from kb.load import load
from kb.resolve import resolve
from prsearch.documents import plain
from tests.benchmarks.tables import table
from tests.browser.support import chromium, served

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
PORTAL = "name: T\nvendor: T\nurl: https://support.example.com/\nlanguages: [en]\n"
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
DEPTH = 10
LEAST = 3  # words of a query
ALPHABET = "abcdefghijklmnopqrstuvwxyz"


class Query(NamedTuple):
    """What is asked, what record it was taken from, and from which field; ``half`` is "tuned" or "held out"."""

    text: str
    wanted: str
    kind: str
    field: str
    half: str


class Ranks(NamedTuple):
    """Of each query the rank of the wanted record among the first ten, 0 where it is not among them."""

    name: str
    clean: list[int]
    typing: list[int]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--every", type=int, default=1, help="ask only one query of so many")
    parser.add_argument("--keep", type=Path, help="folder for the portal, which is brought up to date where it is there already")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="waypost-") as name:
        folder = arguments.keep or Path(name)
        queries = make_portal(arguments.data, folder)
        library = library_of(folder / "source")
        queries = list(known(queries, library))[:: arguments.every]
        print(f"{len(library.records)} records, {len(queries)} queries\n")
        found = [baseline(library, queries), *in_browser(folder / "out", queries)]
        print(quality(queries, found))
        print(f"\n{identifiers(folder / 'out', library)}")


# -- the portal -----------------------------------------------------------------------------------

def make_portal(data: Path, folder: Path, share: int = 1) -> list[Query]:
    """Builds the portal of one record in ``share`` in ``out`` from ``source``; gives the queries, whose ``wanted`` is an alias."""
    shutil.rmtree(folder / "source", ignore_errors=True)
    source, given = folder / "source", folder / "given"
    source.mkdir(parents=True)
    (source / "portal.yml").write_text(PORTAL, encoding="utf-8")
    queries: list[Query] = []
    for name, form, cut in (("kcs-articles", "kcs", cut_article), ("vtex-known-issues/en", "known-issues", cut_issue)):
        shutil.rmtree(given, ignore_errors=True)
        (given / "en").mkdir(parents=True)
        for file in sorted((data / name).glob("*.md"))[::share]:
            text, own = cut(file.stem, file.read_text(encoding="utf-8"))
            (given / "en" / file.name).write_text(text, encoding="utf-8")
            queries += own
        run_import(form, given, source)
    build(Options(source, folder / "out", AT, cache=folder / "cache"))
    return queries


def cut_article(name: str, text: str) -> tuple[str, list[Query]]:
    """An article without its description and keywords, wherever they stand word for word, and the queries made of these."""
    head, body = text.split("\n---\n", 1) if "\n---\n" in text else (text, "")
    queries = []
    for field in ("description", "keywords"):
        if match := re.search(rf"^{field}:[ \t]*(.*(?:\n[ \t]+\S.*)*)\n", head, re.MULTILINE):
            head = head.replace(match[0], "")
            value = " ".join(match[1].split()).strip("\"' >|-")
            body = body.replace(value, "") if len(value) > 20 else body
            queries += query_of(re.sub(r"^KCS,? *", "", value), name, "article", field)
    return f"{head}\n---\n{body}", queries


def cut_issue(name: str, text: str) -> tuple[str, list[Query]]:
    """A known issue without the first sentence of its Summary, and the query made of that."""
    match = re.search(r"^## Summary\s*\n+(?P<sentence>[^\n#].*?(?:[.!?](?=\s)|(?=\n)))", text, re.MULTILINE)
    if not match:
        return text, []
    sentence = match["sentence"]
    return text.replace(sentence, ""), list(query_of(sentence, name, "report", "first sentence"))


def query_of(text: str, wanted: str, kind: str, field: str) -> Iterator[Query]:
    words = re.sub(r"[`*_<>]+", " ", text).split()
    if len(words) >= LEAST:
        half = "held out" if zlib.crc32(wanted.encode()) & 1 else "tuned"
        yield Query(" ".join(words), wanted, kind, field, half)


def library_of(source: Path) -> Library:
    library, findings = resolve(load(source, ("en",)), View(AT))
    assert library, findings[:3]
    return library


def known(queries: Iterable[Query], library: Library) -> Iterator[Query]:
    """The queries for records that the portal shows, with their ids."""
    for query in queries:
        if record := library.find(query.wanted):
            yield query._replace(wanted=record.id)


def misspelt(text: str, seed: int) -> str:
    """The text with one letter left out, added, changed or swapped in one of its words of four letters or more."""
    choose = random.Random(seed)
    places = list(re.finditer(r"[A-Za-z]{4,}", text))
    if not places:
        return text
    match = choose.choice(places)
    word = match[0]
    at = choose.randrange(len(word))
    letter = choose.choice([one for one in ALPHABET if one != word[at].lower()])
    other = min(at, len(word) - 2)
    changed = choose.choice((
        word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :],
        word[:other] + word[other + 1] + word[other] + word[other + 2 :]))
    return text[: match.start()] + changed + text[match.end() :]


def asked(queries: Sequence[Query]) -> tuple[list[str], list[str]]:
    """The texts of the queries, clean and with a typing error each."""
    clean = [query.text for query in queries]
    return clean, [misspelt(text, zlib.crc32(text.encode())) for text in clean]


# -- who answers ----------------------------------------------------------------------------------

def baseline(library: Library, queries: Sequence[Query]) -> Ranks:
    """BM25 (k1 1.2, b 0.75) over the texts of the records with English stems: any of the words, as tantivy ranks them."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    builder.add_text_field("text", tokenizer_name="en_stem")
    index = tantivy.Index(builder.build())
    writer = index.writer(heap_size=50_000_000, num_threads=1)
    for record in library.records.values():
        text = record.texts[0]
        parts = [text.title, text.summary, *text.keywords, *(plain(section.markdown, lambda name: True) for section in text.sections)]
        writer.add_document(tantivy.Document(id=record.id, text=" \n".join(parts)))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def rank(text: str, wanted: str) -> int:
        words = " ".join(re.findall(r"\w+", text.lower().replace("_", " ")))
        hits = searcher.search(index.parse_query(words, ["text"]), DEPTH).hits
        return rank_in([searcher.doc(address)["id"][0] for _, address in hits], wanted)

    clean, typing = ([rank(text, query.wanted) for text, query in zip(texts, queries, strict=True)] for texts in asked(queries))
    return Ranks("BM25 (tantivy)", clean, typing)


def rank_in(found: Sequence[str], wanted: str) -> int:
    return found.index(wanted) + 1 if wanted in found else 0


_ASK = """async ([address, texts]) => {
  const { find } = await import(address);
  const answers = [];
  for (const text of texts) {
    const { groups } = await find(text, { limit: 10 });
    const grouped = groups.map(({ results }) => results);
    const best = grouped.flat().sort((a, b) => b.score - a.score);
    answers.push([best, grouped.map((one) => one.slice(0, 5)).flat()].map((all) => all.slice(0, 10).map(({ id }) => id)));
  }
  return answers;
}"""


def in_browser(out: Path, queries: Sequence[Query], module: str = "") -> list[Ranks]:
    """The portal's search in Chromium: all results by score, and as the groups by kind show them, five of each."""
    with served(out) as portal, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(f"{portal.url}search/")
        address = portal.url + (module or module_of(out))
        answers = [list(_answers(page, address, texts)) for texts in asked(queries)]
        browser.close()
    return [Ranks(name, *([rank_in(answer[way], query.wanted) for answer, query in zip(own, queries, strict=True)]
                          for own in answers)) for way, name in enumerate(("Waypost", "Waypost, kind by kind"))]


def _answers(page: Page, address: str, texts: Sequence[str]) -> Iterator[list[list[str]]]:
    for start in range(0, len(texts), 50):
        yield from page.evaluate(_ASK, [address, list(texts[start : start + 50])])


def module_of(out: Path) -> str:
    """The path of the search module in a portal."""
    return f"assets/{next((out / 'assets').glob('find.*.js')).name}"


# -- tables ---------------------------------------------------------------------------------------

def quality(queries: Sequence[Query], found: Sequence[Ranks]) -> str:
    """Recall and mean reciprocal rank by field, kind and half."""
    shares: list[tuple[str, Callable[[Query], bool]]] = [("all", lambda query: True)]
    shares += [(f"{kind}s", lambda query, kind=kind: query.kind == kind) for kind in ("article", "report")]
    shares += [(f"{field}", lambda query, field=field: query.field == field) for field in ("description", "keywords")]
    shares += [(half, lambda query, half=half: query.half == half) for half in ("tuned", "held out")]
    rows = []
    for name, fits in shares:
        chosen = [at for at, query in enumerate(queries) if fits(query)]
        for ranks in found:
            clean, typing = ([own[at] for at in chosen] for own in (ranks.clean, ranks.typing))
            rows.append([f"{name} ({len(chosen)})", ranks.name, *figures(clean), *figures(typing),
                         f"{reciprocal(typing) / max(reciprocal(clean), 1e-9):.3f}"])
    head = ["queries", "", "recall@1", "recall@10", "MRR@10", "typo: recall@1", "recall@10", "MRR@10", "typo / clean"]
    return table(head, rows)


def figures(ranks: Sequence[int]) -> list[str]:
    count = max(1, len(ranks))
    return [f"{sum(rank == 1 for rank in ranks) / count:.3f}", f"{sum(rank > 0 for rank in ranks) / count:.3f}", f"{reciprocal(ranks):.3f}"]


def reciprocal(ranks: Sequence[int]) -> float:
    """The mean reciprocal rank; 0 stands for no rank."""
    return sum(1 / rank for rank in ranks if rank) / max(1, len(ranks))


_NAMES = """async ([address, names]) => {
  const { find } = await import(address);
  const found = [];
  for (const name of names) found.push((await find(name, { limit: 3 })).jump?.id ?? "");
  return found;
}"""


def identifiers(out: Path, library: Library) -> str:
    """How many ids and other names, in various spellings, lead to their record."""
    names = [(spelt, record.id) for record in library.records.values() for name in (record.id, *record.aliases)
             for spelt in (name, name.lower(), name.replace("-", " "))]
    names = names[:: max(1, len(names) // 600)]
    with served(out) as portal, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(f"{portal.url}search/")
        found = page.evaluate(_NAMES, [portal.url + module_of(out), [spelt for spelt, _ in names]])
        browser.close()
    first = sum(one == wanted for one, (_, wanted) in zip(found, names, strict=True))
    return f"Identifiers: {first} of {len(names)} spellings lead to their record at once."


if __name__ == "__main__":
    main()
