"""Pages in Chromium behind the servers: the header's policy and that of each page together let through what pages need."""

from __future__ import annotations

import pytest

from tests.browser.support import Watch, until
from tests.conftest import Launch
from tests.deploy.conftest import World
from tests.deploy.servers import HOSTS

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("audience", ["public", "customer"])
def test_pages_and_search_work_behind_the_server(world: World, audience: str, launch: Launch) -> None:
    origin = f"https://{HOSTS[audience]}"
    rules = f"--host-resolver-rules=MAP *support.example.com:443 127.0.0.1:{world.server.port}"
    browser = launch(rules)
    context = browser.new_context(ignore_https_errors=True)
    if audience == "customer":
        name, _equals, value = world.session("carla", "customer")["Cookie"].partition("=")
        context.add_cookies([{"name": name, "value": value, "url": origin + "/", "secure": True}])
    page = context.new_page()
    watch = Watch(page, origin)
    for path in ("/", "/kb/KB10001/", "/pr/100001/", "/feeds/", "/ru/kb/KB10001/"):
        page.goto(origin + path, wait_until="networkidle")
    page.goto(f"{origin}/search/?q=brush")
    until(page, "document.body.textContent.includes('Clean a box')")
    assert watch.found == []
    if audience == "customer":
        page.goto(f"{origin}/search/?q=qzcustomer")
        until(page, "document.body.textContent.includes('About qzcustomer')")
    browser.close()
