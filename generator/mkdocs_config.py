"""The configuration of MkDocs: whose ``mkdocs.yml`` it is, what it builds on, its navigation for one language of a portal."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from markupsafe import escape

from generator.i18n import translations
from generator.policy_pages import SOURCE as POLICY
from kb.portal import Portal

_BUILDS_ON = re.compile(r"""(?m)^(?:INHERIT:|\s*custom_dir:|\s*-)\s*['"]?([^\s'"#]+)""")
_DOCS_DIR = re.compile(r"""(?m)^docs_dir:[ \t]*(?:"([^"\n]+)"|'([^'\n]+)'|(\S.*?))[ \t]*(?:[ \t]#.*)?$""")


def mkdocs_file(root: Path) -> Path | None:
    """The navigation that belongs to a site: its own ``mkdocs.yml``, or its parent folder's where that names these pages."""
    own, above = root / "mkdocs.yml", root.absolute().parent / "mkdocs.yml"
    if own.is_file():
        return own
    return above if above.is_file() and _docs_folder(above) == os.path.normpath(root.absolute() / "pages") else None


def _docs_folder(configuration: Path) -> str:
    """The folder of pages that a configuration names. Not by a reader of YAML: it may hold what only MkDocs understands."""
    try:
        match = _DOCS_DIR.search(configuration.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return ""
    return os.path.normpath(configuration.parent / (match[1] or match[2] or match[3])) if match else ""


def named_files(configuration: Path) -> list[Path]:
    """``mkdocs.yml`` and the files that it builds on: the configuration it inherits, overrides of the theme, hooks."""
    found = [configuration]
    for name in _BUILDS_ON.findall(configuration.read_text(encoding="utf-8", errors="replace")):
        path = configuration.parent / name
        found += sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path] * path.is_file()
    return found


def mkdocs_configuration(root: Path, work: Path, theme: Path, portal: Portal, language: str,
                         sources: Mapping[str, tuple[str, str]], hidden: Collection[str]) -> Any:
    """What MkDocs builds one language from, in the folder ``work``; pages that are ``hidden`` have no place in the navigation.
    Raises what MkDocs raises. Its templates escape nothing."""
    from mkdocs.config import load_config

    path = mkdocs_file(root)
    config = load_config(config_file=str(path) if path else str(_default_configuration(work)), docs_dir=str(work / "docs"),
                         site_dir=str(work / "site"), site_url=portal.url, site_name=escape(portal.text_in(language).name))
    if str(theme) not in config.theme.dirs:
        config.theme.dirs.insert(1 if config.theme.custom_dir else 0, str(theme))  # a site's own overrides come first
    config.theme["language"] = language
    config.theme["font"] = False
    config.extra["scope"], config.extra["generator"] = "/", False
    config.extra["homepage"] = "./"
    titles = config.extra.get("nav_translations", {}).get(language, {})
    nav = _without(config.nav, hidden) if path else _with_own_pages(_present(config.nav, sources), sources)
    config.nav = _navigation(nav, titles, sources) if nav else _default_navigation(sources)
    config.mdx_configs.setdefault("toc", {}).setdefault("permalink_title", translations(language).gettext("Link to this section"))
    palette = config.theme.get("palette")
    for option in palette if isinstance(palette, list) else []:
        toggle = option.get("toggle")
        if toggle and toggle.get("name") in titles:
            toggle["name"] = titles[toggle["name"]]
    return config


def _default_configuration(work: Path) -> Path:
    """What a site without ``mkdocs.yml`` gets: the same as ``waypost init`` writes."""
    source = files("generator").joinpath("starter", "mkdocs.yml")
    work.mkdir(parents=True, exist_ok=True)
    path = work / "mkdocs.yml"
    path.write_bytes(source.read_bytes())
    return path


def _navigation(nav: Any, titles: Mapping[str, str], sources: Mapping[str, tuple[str, str]]) -> Any:
    """The navigation with titles in another language."""
    if isinstance(nav, list):
        return [_navigation(item, titles, sources) for item in nav]
    if isinstance(nav, dict):
        return {titles.get(title, title): _navigation(item, titles, sources) if isinstance(item, list) else item
                for title, item in nav.items()}
    return nav


def _without(nav: Any, hidden: Collection[str]) -> Any:
    """The navigation without some pages, and without what holds nothing else."""
    if isinstance(nav, list):
        return [item for part in nav if (item := _without(part, hidden))]
    if isinstance(nav, dict):
        return {title: item for title, part in nav.items() if (item := _without(part, hidden))}
    return None if nav in hidden else nav


def _present(nav: Any, sources: Mapping[str, tuple[str, str]]) -> Any:
    """The navigation without files that the site does not have."""
    if isinstance(nav, list):
        return [item for part in nav if (item := _present(part, sources))]
    if isinstance(nav, dict):
        return {title: item for title, part in nav.items() if (item := _present(part, sources))}
    return nav if nav.startswith("/") or nav in sources else None


def _with_own_pages(nav: list[Any], sources: Mapping[str, tuple[str, str]]) -> list[Any]:
    """The navigation with the pages that show the policy, under Help."""
    own = [path for path, (source, _language) in sources.items() if source == POLICY]
    named = next((entry for entry in nav if isinstance(entry, dict) and isinstance(entry.get("Help"), list)), None)
    if named:
        return [entry | {"Help": entry["Help"] + own} if entry is named else entry for entry in nav]
    return [*nav, {"Help": own}] if own else nav


def _default_navigation(sources: Mapping[str, tuple[str, str]]) -> list[Any]:
    return ["index.md", *sorted(path for path in sources if path.endswith(".md") and path != "index.md")]
