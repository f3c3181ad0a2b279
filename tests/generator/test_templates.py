"""Templates see what their contexts document, and use all of it."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest
from jinja2 import Environment, meta, nodes

from generator import templates
from generator.contexts import cases, lists, pieces, policy, records, releases
from generator.contexts.pieces import Chrome, Context, Head, PageContext

FOLDER = Path(str(files("theme").joinpath("templates")))
TEMPLATES = sorted(path.name for path in FOLDER.glob("*.html"))
# Parts of pages and what they see; all other templates are named by the pages that use them.
PARTS: dict[str, set[str]] = {
    "_head.html": set(Head.__struct_fields__), "_languages.html": {"languages"}, "_macros.html": set(),
    "_policy.html": set(), "_log_match.html": set(),
} | {name: set(Chrome.__struct_fields__) for name in ("_styles.html", "_search.html", "_footer.html", "_scripts.html")}
GIVEN = {"language", "_", "gettext", "ngettext"}  # every template may use these
READ_BY_CODE = {"EditorialPage.title"}  # for the head; a guide's own HTML has its heading
# Every page says where it stands; these are the top of the site and need no way back.
WITHOUT_CRUMBS = {"home.html", "not_found.html", "redirect.html", "search.html"}


@pytest.fixture(scope="module")
def environment() -> Environment:
    return templates.environment("en", templates.template_digest())


def parsed(environment: Environment, name: str) -> nodes.Template:
    return environment.parse((FOLDER / name).read_text(encoding="utf-8"))


def context_of() -> dict[str, type[PageContext]]:
    """Template -> context, read from the code that makes pages."""
    sources = "".join(path.read_text(encoding="utf-8") for path in Path(str(files("generator").joinpath("pages"))).glob("*.py"))
    found: dict[str, type[PageContext]] = {}
    for kind in page_contexts():
        for match in re.finditer(rf"\b{kind.__name__}\(", sources):
            template = re.search(r'"(\w+\.html)"', sources[match.end() :].replace('"404.html"', ""))
            assert template
            assert found.setdefault(template[1], kind) is kind
    return found


def page_contexts() -> list[type[PageContext]]:
    return [kind for kind in all_contexts() if issubclass(kind, PageContext)]


def all_contexts() -> list[type[Context]]:
    kinds = (kind for module in (pieces, records, lists, releases, cases, policy) for kind in vars(module).values())
    found = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Context) and kind not in {Context, PageContext}]
    return list(dict.fromkeys(found))


def test_every_template_has_a_context() -> None:
    assert sorted([*context_of(), *PARTS]) == TEMPLATES
    assert len(set(context_of().values())) == len(page_contexts())


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_uses_only_what_its_context_documents(environment: Environment, name: str) -> None:
    documented = PARTS[name] if name in PARTS else set(context_of()[name].__struct_fields__)
    used = meta.find_undeclared_variables(parsed(environment, name))
    assert used - GIVEN - documented == set()


def unused(environment: Environment) -> set[str]:
    """Fields of contexts that no template reads: of pages by name, of what pages consist of as attributes."""
    trees = {name: parsed(environment, name) for name in TEMPLATES}
    attributes = {node.attr for tree in trees.values() for node in tree.find_all(nodes.Getattr)}
    names = {name: meta.find_undeclared_variables(tree) for name, tree in trees.items()}
    found = set()
    for template, kind in context_of().items():
        fields = set(kind.__struct_fields__) - names[template]
        found |= {f"{kind.__name__}.{field}" for field in fields if field != "crumbs" or template not in WITHOUT_CRUMBS}
    for kind in all_contexts():
        if not issubclass(kind, PageContext | Head | Chrome):
            found |= {f"{kind.__name__}.{field}" for field in kind.__struct_fields__ if field not in attributes}
    found |= {f"Head.{field}" for field in Head.__struct_fields__ if field not in names["_head.html"]}
    seen = set().union(*(names[name] for name in ("_styles.html", "_search.html", "_footer.html", "_scripts.html")))
    return found | {f"Chrome.{field}" for field in Chrome.__struct_fields__ if field not in seen}


def test_every_field_of_a_context_is_used(environment: Environment) -> None:
    assert unused(environment) - READ_BY_CODE == set()


@pytest.mark.parametrize("name", TEMPLATES)
def test_only_html_made_here_is_taken_unescaped(environment: Environment, name: str) -> None:
    """``safe`` stands on fields whose name says that they hold HTML, and on JSON-LD, which is escaped where it is made."""
    for node in parsed(environment, name).find_all(nodes.Filter):
        if node.name == "safe":
            field = node.node.attr if isinstance(node.node, nodes.Getattr) else getattr(node.node, "name", "")
            assert field == "json_ld" or field.endswith("html"), f"{name}: {field} | safe"
    assert not list(parsed(environment, name).find_all(nodes.ScopedEvalContextModifier)), "no autoescape blocks"


def test_every_attribute_that_templates_read_is_documented(environment: Environment) -> None:
    fields = {field for kind in all_contexts() for field in kind.__struct_fields__}
    methods = {"first", "last", "index", "items", "entries"}
    used = {node.attr for name in TEMPLATES for node in parsed(environment, name).find_all(nodes.Getattr)
            if not (isinstance(node.node, nodes.Name) and node.node.name in {"m", "p"})}
    assert used - fields - methods == set()


def test_contexts_are_frozen() -> None:
    for kind in all_contexts():
        assert kind.__struct_config__.frozen
        assert isinstance(msgspec.inspect.type_info(kind), msgspec.inspect.StructType)
