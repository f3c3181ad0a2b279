"""What people and machines do to a site between two builds."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from datetime import timedelta

from generator.build import BuildFailed
from tests.generator.bench import Bench
from tests.generator.support import SITE, article, report
from tests.sites.make import example_policy

LINES = "reports/many.jsonl"


def add_article(bench: Bench) -> None:
    target = bench.random.choice([path.name.split(".")[0] for path in bench.files("articles/**/*.md")])
    number = 20000 + bench.number()
    bench.write(f"articles/KB{number}.md", article(f"KB{number}", f"See [[{target}]].\n", releases='["1.0"]'))


def report_text(bench: Bench, number: int) -> str:
    release = bench.random.choice(["1.0", "1.0 before 1.0.1", "1.0.0"])
    day = bench.random.choice(["2026-03-02", "2026-03-31", "2026-05-01"])
    return report(
        str(number), affected=f'[{{product: box, ranges: ["{release}"]}}]', component=bench.random.choice(["web", "Web"]),
        severity=bench.random.choice(["high", "low"]), related=bench.random.choice(["[KB10001]", "[]"]), updated=day)


def add_report(bench: Bench) -> None:
    number = 300000 + bench.number()
    bench.write(f"reports/{number}.md", report_text(bench, number))


def add_the_oldest_report(bench: Bench) -> None:
    number = 310000 + bench.number()
    bench.write(f"reports/{number}.md", report(str(number), created="2025-01-01", updated="2025-01-01", component="web"))


def change_body(bench: Bench) -> None:
    file = bench.pick("articles/**/*.md")
    file.write_text(file.read_text(encoding="utf-8") + f"\nOne more line {bench.number()}.\n", encoding="utf-8")


def retitle(bench: Bench) -> None:
    file = bench.pick("[ar]*/**/*.md")
    lines = file.read_text(encoding="utf-8").split("\n")
    at = next(number for number, line in enumerate(lines) if line.startswith("title: "))
    lines[at] = f"title: Another title {bench.number()}"
    file.write_text("\n".join(lines), encoding="utf-8")


def delete(bench: Bench) -> None:
    """Deletes a record, where nothing links to it and it has no translation."""
    bench.pick("[arn]*/**/*.md").unlink()


def move(bench: Bench) -> None:
    """Another folder is no other address."""
    files = bench.files("reports/**/*.md")
    if files:
        file = bench.random.choice(files)
        bench.write(f"reports/moved-{bench.number()}/{file.name}", file.read_text(encoding="utf-8"))
        file.unlink()


def rename(bench: Bench) -> None:
    """Another id is another address."""
    files = bench.files("reports/**/*.md")
    if files:
        file, number = bench.random.choice(files), 400000 + bench.number()
        file.with_name(f"{number}.md").write_text(
            file.read_text(encoding="utf-8").replace(f"id: {file.stem}", f"id: {number}"), encoding="utf-8")
        file.unlink()


def swap(bench: Bench) -> None:
    """Two articles change their texts, and their sizes with them."""
    one, other = (bench.root / f"articles/{name}.md" for name in ("KB10001", "KB10002"))
    if one.exists() and other.exists():
        first, second = one.read_text(encoding="utf-8").split("\n---\n", 1), other.read_text(encoding="utf-8").split("\n---\n", 1)
        one.write_text(f"{first[0]}\n---\n{second[1]}", encoding="utf-8")
        other.write_text(f"{second[0]}\n---\n{first[1]}", encoding="utf-8")


def become_an_advisory(bench: Bench) -> None:
    """A notice becomes an advisory of the same id, or the other way round."""
    known, notice, advisory = (bench.root / path for path in (
        "advisories/SA-2026-0001.md", "notices/SB-2026-0001.md", "advisories/SB-2026-0001.md"))
    if notice.exists():
        notice.rename(advisory)
    elif advisory.exists():
        advisory.rename(notice)
    elif known.exists():
        bench.write("notices/SB-2026-0001.md", known.read_text(encoding="utf-8").replace("SA-2026", "SB-2026"))


def share_an_alias(bench: Bench) -> None:
    """A name goes from one record to another, and a third one links it."""
    holder = bench.random.choice(["KB10005", "KB10006"])
    for name in ("KB10005", "KB10006"):
        bench.write(f"articles/{name}.md", article(name, aliases="[BOX-1]" if name == holder else "[]"))
    bench.write("articles/KB10007.md", article("KB10007", "See [[BOX-1]].\n", related="[KB10005, KB10006]"))


def hide_or_show(bench: Bench) -> None:
    file = bench.pick("articles/**/KB*[0-9].md")
    text = file.read_text(encoding="utf-8")
    old, new = ("published", "draft") if "status: published" in text else ("draft", "published")
    file.write_text(text.replace(f"status: {old}", f"status: {new}"), encoding="utf-8")


def embargo(bench: Bench) -> None:
    number = 500000 + bench.number()
    until = bench.at + timedelta(hours=bench.random.randrange(-20, 40))
    bench.write(f"reports/{number}.md", report(str(number), publish_at=until.strftime("%Y-%m-%dT%H:%M:%SZ")))


def let_time_pass(bench: Bench) -> None:
    bench.at += timedelta(hours=bench.random.randrange(1, 60))


def go_back_in_time(bench: Bench) -> None:
    bench.at -= timedelta(hours=bench.random.randrange(1, 60))


def change_audience(bench: Bench) -> None:
    bench.audience = bench.random.choice(["", "partner", "internal"])
    bench.write("reports/600001.md", report("600001", audience=bench.random.choice(["partner", "internal"])))


def restrict_a_part(bench: Bench) -> None:
    """A part of a text, a section of an article with a translation, or a field goes to an audience, or to another."""
    audience = bench.random.choice(["partner", "internal"])
    marked = f"<!-- audience: {audience} -->\nMore for some {bench.number()}, see [[KB10001]].\n<!-- /audience -->\n"
    named = bench.random.choice(["", f"{{{audience}: [workaround, aliases, box.log]}}"])
    bench.write("articles/KB10009.md", article("KB10009", f"See [it](box.log).\n{marked}\n## Workaround\n\nWait.\n",
                                               aliases="[BOX-9]", restricted=named))
    bench.write("articles/KB10009.ru.md", f"---\ntitle: Девять\n---\n\n## Workaround\n\nЖдите.\n{marked}")


def restrict_a_page(bench: Bench) -> None:
    add_page(bench)
    file = bench.root / "pages/help/returns.md"
    text = file.read_text(encoding="utf-8")
    audience = bench.random.choice(["partner", "internal"])
    file.write_text(bench.random.choice([f"---\naudience: {audience}\n---\n{text}",
                                         f"{text}\n<!-- audience: {audience} -->\nBy air.\n<!-- /audience -->\n"]), encoding="utf-8")


def change_inclusion(bench: Bench) -> None:
    """Internal readers no more see what is for partners."""
    text = (bench.root / "portal.yml").read_text(encoding="utf-8")
    listed = "audiences: [public, partner, internal]"
    bench.write("portal.yml", text.replace(listed, "audiences: {public: , partner: , internal: {url: 'https://inside.example.com/'}}"))


def preview(bench: Bench) -> None:
    bench.drafts = not bench.drafts


def translate(bench: Bench) -> None:
    language = bench.random.choice(["ru", "es"])
    bench.write(f"articles/KB10002.{language}.md", f"---\ntitle: Чистка {bench.number()}\n---\n\n## Решение\n\nЩетка.\n")


def translate_a_line(bench: Bench) -> None:
    bench.write("reports/700003.ru.md", f"---\ntitle: Ошибка {bench.number()}\n---\n\nСм. [[100001]].\n")


def translate_a_bulletin(bench: Bench) -> None:
    """Whether such a file is a translation depends on the file beside it."""
    bench.write("bulletins/TB-2026-0001.ru.md", f"---\ntitle: Винты {bench.number()}\n---\n\nНичего.\n")


def drop_translations(bench: Bench) -> None:
    for file in bench.files("*/*.??.md"):
        file.unlink()


def add_release(bench: Bench) -> None:
    replace_in(bench, "products.yml", "    releases:\n",
               f"    releases:\n      - {{id: 1.{bench.random.choice([0, 1])}.{2 + bench.number()}, date: 2026-05-05}}\n")


def end_support(bench: Bench) -> None:
    replace_in(bench, "products.yml", "date: 2026-01-10", f"date: 2026-01-10, end_of_support: {bench.at:%Y-%m-%d}")


def replace_in(bench: Bench, path: str, old: str, new: str) -> None:
    file = bench.root / path
    if file.exists():
        file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")


def rename_product(bench: Bench) -> None:
    text = (bench.root / "products.yml").read_text(encoding="utf-8")
    old = next(line for line in text.split("\n") if line.startswith("    name: "))
    bench.write("products.yml", text.replace(old, f"    name: BoxOS {bench.number()}"))


def rename_platform(bench: Bench) -> None:
    replace_in(bench, "products.yml", "name: Box 1", f"name: Box 1{bench.number()}")


def add_component(bench: Bench) -> None:
    number = bench.number()
    replace_in(bench, "products.yml", "    components:\n", f"    components:\n      - {{id: part{number}, name: Part {number}}}\n")
    replace_in(bench, "reports/100001.md", "component: web", f"component: part{number}")


def add_product(bench: Bench) -> None:
    number = bench.number()
    text = (bench.root / "products.yml").read_text(encoding="utf-8")
    bench.write("products.yml", f"{text}  - {{id: cube{number}, name: Cube {number}, scheme: dotted}}\n")
    bench.write("articles/KB10003.md", article("KB10003", products=f"[box, cube{number}]"))


def change_policy(bench: Bench) -> None:
    text = example_policy()
    bench.write("policy.yml", text.replace("Common working week", f"Working week {bench.number()}"))


def change_portal(bench: Bench) -> None:
    popular, languages = bench.random.choice(["KB10001", "KB10002"]), bench.random.choice(["en, ru", "en", "ru, en"])
    text = SITE["portal.yml"].replace("All about boxes", f"All {bench.number()}").replace("en, ru", languages)
    bench.write("portal.yml", f"{text}popular: [{popular}]\n")
    for file in bench.files("articles/*.ru.md") if languages.startswith("ru") else ():
        file.rename(file.with_name(file.name.replace(".ru.", ".en.")))  # a file without a language is in the first one


def change_address(bench: Bench) -> None:
    replace_in(bench, "portal.yml", "support.example.com/", f"support.example.com/{bench.number()}/")


def change_redirects(bench: Bench) -> None:
    bench.write("redirects.yml", f"/old/first.html: KB10001\n/old/{bench.number()}: /pr/\n")


def change_attachment(bench: Bench) -> None:
    bench.write("articles/box.log", f"box[1]: line {bench.number()}\n")


def edit_page(bench: Bench) -> None:
    file = bench.pick("pages/**/*.md")
    file.write_text(file.read_text(encoding="utf-8") + f"\nOne more line {bench.number()}.\n", encoding="utf-8")


def add_page(bench: Bench) -> None:
    bench.write("pages/help/returns.md", f"# Returns {bench.number()}\n\nSend it back. See [help](/help/) and [this](/kb/KB10002/).\n")


def link_page(bench: Bench) -> None:
    """A record that breaks when the page goes."""
    add_page(bench)
    bench.write("articles/KB10008.md", article("KB10008", "See [returns](/help/returns/).\n"))


def drop_page(bench: Bench) -> None:
    (bench.root / "pages/help/returns.md").unlink(missing_ok=True)


def change_navigation(bench: Bench) -> None:
    replace_in(bench, "mkdocs.yml", "site_name: Box Support", f"site_name: Box Support {bench.number()}")


def change_template(bench: Bench) -> None:
    if bench.program:
        file = bench.random.choice(sorted((bench.program.theme / "templates").glob("*.html")))
        file.write_text(file.read_text(encoding="utf-8") + f"<!-- {bench.number()} -->\n", encoding="utf-8")
        bench.program.restart()


def change_words(bench: Bench) -> None:
    """A word of the interface in Russian."""
    if bench.program:
        file = bench.program.theme / "locale/ru/waypost.po"
        text = file.read_text(encoding="utf-8")
        at = text.index('msgstr "', text.index('msgid "What is new"')) + len('msgstr "')
        file.write_text(f"{text[:at]}Новое {bench.number()}{text[text.index(chr(34), at):]}", encoding="utf-8")
        bench.program.restart()


def update_program(bench: Bench) -> None:
    if bench.program:
        bench.program.update(bench.number())


def lines(bench: Bench) -> list[str]:
    file = bench.root / LINES
    return file.read_text(encoding="utf-8").splitlines(keepends=True) if file.exists() else []


def edit_line(bench: Bench) -> None:
    found = lines(bench)
    if found:
        at = bench.random.randrange(len(found))
        found[at] = found[at].replace("It fails", f"It fails {bench.number()} times")
        bench.write(LINES, "".join(found))


def insert_line(bench: Bench) -> None:
    number = 800000 + bench.number()
    fields = {"id": str(number), "title": f"Line {number}", "status": "open", "affected": [{"product": "box", "ranges": ["1.0"]}],
              "created": "2026-03-01", "updated": "2026-03-03", "problem": "See [[KB10002]]."}
    found = lines(bench)
    found.insert(bench.random.randrange(len(found) + 1), json.dumps(fields) + "\n" * bench.random.choice([1, 1, 2]))
    bench.write(LINES, "".join(found))


def remove_line(bench: Bench) -> None:
    found = lines(bench)
    if found:
        del found[bench.random.randrange(len(found))]
        bench.write(LINES, "".join(found))


def shuffle_lines(bench: Bench) -> None:
    found = lines(bench)
    bench.random.shuffle(found)
    bench.write(LINES, "".join(found))


def line_from_file(bench: Bench) -> None:
    """A record leaves its own file for one of JSON Lines."""
    (bench.root / "reports/100001.md").unlink(missing_ok=True)
    fields = {"id": "100001", "title": "The box hums", "status": "fixed", "severity": "medium", "component": "web",
              "affected": [{"product": "box", "platforms": ["bx1"], "ranges": ["1.0 before 1.0.1"], "fixed": ["1.0.1"]}],
              "created": "2026-01-22", "updated": "2026-02-10", "problem": "It hums."}
    bench.write("reports/single.jsonl", json.dumps(fields) + "\n")


def file_from_line(bench: Bench) -> None:
    (bench.root / "reports/single.jsonl").unlink(missing_ok=True)
    bench.write("reports/100001.md", str(SITE["reports/100001.md"]))


def rename_lines(bench: Bench) -> None:
    if (bench.root / LINES).exists():
        (bench.root / LINES).rename(bench.root / "reports/a.jsonl")
    elif (bench.root / "reports/a.jsonl").exists():
        (bench.root / "reports/a.jsonl").rename(bench.root / LINES)


def touch(bench: Bench) -> None:
    for file in bench.files("**/*"):
        if file.is_file():
            file.touch()


def edit_unnoticed(bench: Bench) -> None:
    """Other bytes, as many as before, with the old time of change."""
    file = bench.pick("[ar]*/**/*.md")
    seen, data = file.stat(), file.read_bytes()
    at = data.rindex(b"\n", 0, -1) + 1
    file.write_bytes(data[:at] + bytes([65 + bench.number() % 26]) + data[at + 1:] if data[at:at + 1].isascii() else data)
    os.utime(file, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def copy_site(bench: Bench) -> None:
    """All files anew, with their old times: as after a move to another disk."""
    copy = bench.root.with_name("copied")
    shutil.copytree(bench.root, copy)
    shutil.rmtree(bench.root)
    copy.rename(bench.root)


def break_and_mend(bench: Bench) -> None:
    """A build finds a mistake, and writes nothing."""
    file = bench.pick("articles/**/KB*[0-9].md")
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("title:", "titel:"), encoding="utf-8")
    try:
        bench.build()
    except BuildFailed:
        pass
    else:
        raise AssertionError("the mistake was not found")
    file.write_text(text, encoding="utf-8")


def use_workers(bench: Bench) -> None:
    bench.jobs = bench.random.choice([1, 2, 3])


def start_again(bench: Bench) -> None:
    bench.reset()


EDITS: list[Callable[[Bench], None]] = [
    add_article, add_report, add_the_oldest_report, change_body, retitle, delete, move, rename, swap, become_an_advisory,
    share_an_alias, hide_or_show, embargo, let_time_pass, go_back_in_time, change_audience, restrict_a_part, restrict_a_page,
    change_inclusion, preview, translate, translate_a_line,
    translate_a_bulletin, drop_translations, add_release, end_support, rename_product, rename_platform, add_component, add_product,
    change_policy, change_portal, change_address, change_redirects, change_attachment, edit_page, add_page, link_page, drop_page,
    change_navigation, change_template, change_words, update_program, edit_line, insert_line, remove_line, shuffle_lines,
    line_from_file, file_from_line, rename_lines, touch, edit_unnoticed, copy_site, break_and_mend, use_workers, start_again,
]
