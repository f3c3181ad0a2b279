"""Knowledge-base articles of the KCS kind."""

import base64
import io
from typing import Any

import pytest
from PIL import Image

from kb.records import Article

HEAD = """\
---
title: "How to: collect logs in [!DNL Insight]"
description: Learn how to collect logs.
solution: Insight
product: Insight,ExOS
applies-to: ExOS, Insight 6.5
keywords: KCS, logs, [domain name]
resolution: Resolution
internal-notes: https://internal.example.com/case-1
bug: true
article-created-by: The support team
article-created-date: 6/11/2024 12:16:51 PM
article-published-by: The support team
article-published-date: "6/12/2024 1:23:15 PM"
version-number: 6
article-number: KA-02700
dynamics-url: https://internal.example.com/article
exl-id: c0e10a16
---
"""
BODY = """\
# How to collect logs {#title}


Logs are large.

## Description {#description}


### <b>Environment</b>

- ExOS


### Issue/Symtomps

It *fails* on <host>.

## Resolution {#resolution}

<b>Solution</b>
 1. Run <b>Save</b>.

> [!NOTE]
> Take care.
"""


def picture(kind: str = "PNG") -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (2, 3)).save(data, kind)
    return data.getvalue()


def test_an_article(source: Any, records: Any) -> None:
    source.write("KA-02700.md", (HEAD + BODY).replace("\n", "\r\n"))
    assert source.run("kcs").findings == ()
    assert source.read("articles/KB02700.md") == """\
---
id: KB02700
title: "How to: collect logs in Insight"
summary: Learn how to collect logs.
aliases: [KA-02700]
keywords: [KCS, logs, "[domain name]"]
status: published
products: [insight, exos]
applies_to: [Insight 6.5]
created: 2024-06-11
updated: 2024-06-12
version: 6
---
Logs are large.

## Environment

- ExOS

## Symptoms

It *fails* on \\<host>.

## Solution

1. Run **Save**.

> **Note**
> Take care.
"""
    article = records()["KB02700"]
    assert isinstance(article, Article) and article.version == 6


def test_nothing_internal_is_carried_over(source: Any, tree: Any) -> None:
    source.write("KA-02700.md", HEAD + BODY)
    source.run("kcs")
    everything = b"".join(tree().values())
    for word in (b"internal", b"support team", b"c0e10a16"):
        assert word not in everything


def test_numbers_from_names(source: Any, records: Any) -> None:
    head = HEAD.replace("article-number: KA-02700\n", "")
    source.write("KT-10959.md", head + BODY)
    source.write("KA-02700.md", HEAD + BODY)
    source.write("more/KT-02700.md", head + BODY)
    source.write("notes.md", head + BODY)
    report = source.run("kcs")
    assert sorted(records()) == ["KB02700", "KB10959"]
    assert source.messages(report) == [
        "notes.md:1: article-number: has no article number; add 'article-number: KA-12345', or name the file so",
        "more/KT-02700.md:1: article-number: 'KT-02700' is also the number of KA-02700.md; give one of them another number",
    ]


def test_links(source: Any, records: Any) -> None:
    source.write("KA-02700.md", HEAD + "See [a](KA-02701.md), [b](../x/KA-02701.md#top), [c](KA-09999.md), [d](/en/docs), "
                 "[e](https://example.com/docs/kbarticles/KA-02701.html?lang=en), [f](https://example.com/KA-02701), [[KA-1]].")
    source.write("KA-02701.md", HEAD.replace("02700", "02701") + BODY)
    source.run("kcs")
    assert source.read("articles/KB02700.md").endswith(
        "See [a](KB02701), [b](KB02701), c, d, [e](KB02701), [f](https://example.com/KA-02701), [\\[KA-1]].\n")
    assert len(records()) == 2


def test_pictures(source: Any, records: Any, site: Any) -> None:
    data = base64.b64encode(picture()).decode()
    source.write("assets/panel.jpeg", picture("JPEG"))
    source.write("assets/fake.png", b"no picture")
    source.write("KA-02700.md", HEAD + f"![Panel](assets/panel.jpeg) ![In](data:image/png;base64,{data}) "
                 "![Lost](assets/lost.png) ![Fake](assets/fake.png) ![](../../../etc/secret.png) "
                 "![Far](https://example.com/p.png) ![Bad](data:image/png;base64,AA)")
    report = source.run("kcs")
    assert source.messages(report, "note") == [
        "KA-02700.md:1: body: 'assets/lost.png' is a picture that is not there, nor are 3 more, so its description stands in; "
        "put it beside the article, then import again"]
    names = sorted(path.name for path in (site / "articles").iterdir() if path.suffix != ".md")
    jpeg, png = (next(name for name in names if name.endswith(ending)) for ending in (".jpeg", ".png"))
    assert len(names) == 2
    assert source.read("articles/KB02700.md").endswith(
        f"![Panel]({jpeg}) ![In]({png}) *Lost* *Fake*  [Far](https://example.com/p.png) *Bad*\n")
    assert (site / "articles" / png).read_bytes() == picture()
    records()


def test_front_matter_that_is_no_yaml(source: Any, records: Any) -> None:
    head = HEAD.replace('"How to: collect logs in [!DNL Insight]"', "How to: collect 'logs'").replace(
        "description: Learn", "description: @Learn")
    source.write("KA-02700.md", head + BODY)
    report = source.run("kcs")
    assert [finding.level for finding in report.findings] == ["note"]
    assert report.findings[0].reason.startswith("is not valid YAML: ") and report.findings[0].line == 2
    article = records()["KB02700"]
    assert (article.text.title, article.text.summary) == ("How to: collect 'logs'", "@Learn how to collect logs.")


def test_archived_articles_are_retired(source: Any, records: Any) -> None:
    source.write("KA-02700.md", HEAD.replace("bug: true", "hide: true") + BODY)
    source.run("kcs")
    assert records()["KB02700"].status == "retired"


@pytest.mark.parametrize("change", [
    ("product: Insight,ExOS", "product: null"),
    ("article-created-date: 6/11/2024 12:16:51 PM", "article-created-date: soon"),
])
def test_fields_that_are_missing_have_a_stand_in(change: tuple[str, str], source: Any, records: Any) -> None:
    source.write("KA-02700.md", HEAD.replace(*change) + BODY)
    assert source.messages(source.run("kcs")) == []
    article = records()["KB02700"]
    assert article.products in {("insight",), ("insight", "exos")}
    assert article.created <= article.updated


def test_an_article_without_product_or_date_is_rejected(source: Any) -> None:
    source.write("KA-02700.md", "---\ntitle: A\n---\nText")
    report = source.run("kcs")
    assert report.rejected == 1
    assert source.messages(report) == [
        "KA-02700.md:1: products: is missing; add a line 'products: ...'",
        "KA-02700.md:1: created: is missing; add a line 'created: ...'",
        "KA-02700.md:1: updated: is missing; add a line 'updated: ...'"]
    assert source.run("kcs", product="ExOS", date="2024-01-02").written == 1
