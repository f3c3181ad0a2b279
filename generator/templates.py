"""The templates: Jinja2 with the texts of a language put in, and with pieces that are rendered once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, cached_property, lru_cache
from importlib.metadata import version
from importlib.resources import as_file, files
from typing import cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup, escape

from generator.contexts.pieces import PLATFORMS
from generator.i18n import translations

# Macros that templates use as filters, and how many of their results are remembered: what stands on many pages, such as a
# record in the lists of all releases that it affects, is rendered once.
_PIECES = {
    "chip": 100, "crumbs": 100, "facets": 100, "links": 2_000, "fact": 5_000, "releases": 5_000, "each_release": 10_000,
    "runs": 1_000, "entry": 20_000, "train_row": 3_000, "banner": 100,
}
_SPECIAL = re.compile("[&<>\"']").search
_SAID = ("variable_begin", "name", "lparen", "string", "rparen", "variable_end")  # {{ _('Text') }}


def template_digest() -> str:
    """Hash of all templates and of the code that pours them, for page keys."""
    digest = hashlib.blake2b(f"jinja2 {version('jinja2')} markupsafe {version('markupsafe')}".encode(), digest_size=16)
    sources = [files("generator").joinpath(name) for name in ("frames.py", "render.py", "templates.py", "urls.py")]
    sources += sorted(files("theme").joinpath("templates").iterdir(), key=lambda item: item.name)
    for entry in sources:
        if entry.is_file():
            digest.update(entry.name.encode() + b"\0" + entry.read_bytes())
    return digest.hexdigest()


@cache
def environment(language: str, templates: str) -> Environment:
    """The templates of this digest with the texts of a language, each compiled once."""
    with as_file(files("theme").joinpath("templates")) as folder:
        found = _Templates(
            loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
            auto_reload=False, extensions=["jinja2.ext.i18n", Spoken])
    found.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    for name, most in _PIECES.items():
        found.filters[name] = _piece(found, name, most)
    found.filters["on_platforms"] = _on_platforms
    return found


class _Compiler(CodeGenerator):
    """Compiles ``{{ ... }}`` to a call of our own ``escaped``, and ``item.name`` to the same in Python: contexts have all
    attributes that templates read, so these are looked up without a detour."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        self.write("environment.escaped(")

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        self.write("(")
        self.visit(node.node, frame)
        self.write(f").{node.attr}")


class _Templates(Environment):
    """Jinja's environment without what takes most of its time on our pages, two hundred small texts on each.

    A text that needs no escaping goes onto the page as it is, and HTML is not copied.
    """

    code_generator_class = _Compiler

    @staticmethod
    def escaped(value: object) -> str:
        """The value as HTML, by ``markupsafe.escape`` where there is anything to escape."""
        if (type(value) is str and not _SPECIAL(value)) or type(value) is Markup:
            return value
        return escape(value)


def fill(environment: Environment, name: str, values: Mapping[str, object]) -> str:
    """A template's HTML. Like ``Template.render``, without copying the environment's variables one by one for each page."""
    template = environment.get_template(name)
    context = template.new_context({**environment.globals, **values}, shared=True)
    return "".join(template.root_render_func(context))


class Spoken(Extension):
    """Puts ``{{ _('Text') }}`` in its language when a template is compiled, since asking anew on each page takes long."""

    @cached_property
    def _said(self) -> Template:
        return self.environment.from_string("{{ gettext(text) }}")

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """The tokens of a template, with data in place of such texts."""
        tokens = list(stream)
        at = 0
        while at < len(tokens):
            found = tokens[at : at + len(_SAID)]
            if tuple(token.type for token in found) == _SAID and found[1].value == "_":
                yield Token(found[0].lineno, "data", self._said.render(text=found[3].value))
                at += len(_SAID)
            else:
                yield tokens[at]
                at += 1


def _on_platforms(html: Markup, names: str) -> Markup:
    """A piece that many records share, with the names of the platforms that one of them speaks of."""
    return Markup(str.replace(html, PLATFORMS, escape(names)))


def _piece(environment: Environment, name: str, most: int) -> Callable[..., Markup]:
    """A macro as a filter that remembers its results; it sees nothing but its arguments, which are frozen."""

    @cache
    def macro() -> Callable[..., Markup]:
        return cast(Callable[..., Markup], getattr(environment.get_template("_macros.html").module, name))

    @lru_cache(maxsize=most)
    def piece(*arguments: object) -> Markup:
        return macro()(*arguments)

    return piece
