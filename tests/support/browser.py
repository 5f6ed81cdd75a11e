"""Headless Chromium by its DevTools protocol: open a page, read it, click, take a picture."""

from __future__ import annotations

import base64
import itertools
import json
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WAIT = 180.0
"""Seconds that a page may take until it shows what it should."""
STILL = 12
"""A page that is the same at so many looks, a quarter of a second apart, has loaded."""
NAVIGATED = "Inspected target navigated or closed"
_FIND = """
(words, row) => {
  const own = (e) => (e.getAttribute('aria-label') || e.innerText || '').trim();
  const kinds = 'a, button, [role=button], [role=menuitem], [role=tab], td, div, span';
  const rows = [...document.querySelectorAll('tr')].filter((r) => r.innerText.split(/\\s/)[0] === row);
  const all = (row ? rows : [document]).flatMap((place) => [...place.querySelectorAll(kinds)]);
  const found = all.filter((e) => own(e) === words && e.getClientRects().length);
  const best = found[found.length - 1];
  if (!best || best.closest('[disabled], [aria-disabled=true]')) return false;
  best.scrollIntoView({block: 'center'});
  best.click();
  return true;
}
"""


class Navigated(Exception):
    """The page went to another one before the browser could answer."""


class Page:
    """One tab."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket, self._numbers = socket, itertools.count(1)

    def open(self, url: str) -> None:
        """Begin to load an address."""
        self._call("Page.navigate", url=url)

    def text(self) -> str:
        """What the page shows now, as text."""
        return str(self.evaluate("document.body ? document.body.innerText : ''"))

    def see(self, *words: str) -> str:
        """Wait until the page shows all of these; its text then."""
        return self._until(lambda: all(one in (shown := self.text()) for one in words) and shown, words)

    def click(self, words: str, row: str | None = None) -> None:
        """Wait for what has exactly this text or label and can be clicked, the innermost; click it.

        With `row` only in a table's row whose first word it is.
        """
        script = f"({_FIND})({json.dumps(words)}, {json.dumps(row)})"

        def clicked() -> Any:
            try:
                return self.evaluate(script)
            except Navigated:
                return True  # the click led away before it was told

        self._until(clicked, (words,))

    def address(self, pattern: str) -> re.Match[str]:
        """Wait until the address has a part that matches; the match."""
        look = lambda: re.search(pattern, str(self.evaluate("location.href")))  # noqa: E731
        return self._until(look, (pattern,))

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression."""
        told = self._call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def picture(self, file: Path, height: int = 900, width: int = 1440) -> None:
        """A picture of the page as a window of that size shows it, once it has stopped to change."""
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        self._settled()
        shot = self._call("Page.captureScreenshot", format="png")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(base64.b64decode(shot["data"]))

    def _settled(self) -> None:
        """Wait until the page is the same for a while: what is still loading shows grey bars."""
        seen: list[Any] = []

        def look() -> bool:
            seen.append(self.evaluate("document.body.innerHTML.replace(/[0-9]+/g, '')"))
            return len(seen) > STILL and len(set(seen[-STILL:])) == 1

        self._until(look, ("anything that stays",))

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            told = json.loads(self._socket.recv(timeout=WAIT))
            if told.get("id") == number:
                if NAVIGATED in str(told.get("error")):
                    raise Navigated
                assert "error" not in told, told
                return dict(told["result"])

    def _until(self, look: Any, words: tuple[str, ...]) -> Any:
        deadline = time.monotonic() + WAIT
        while not (found := _unless_navigated(look)):
            assert time.monotonic() < deadline, (
                f"the page never showed {words}; it shows: {self.text()[:3000]}"
            )
            time.sleep(0.25)
        return found


def _unless_navigated(look: Callable[[], Any]) -> Any:
    """What a look found; None where the page went to another one meanwhile, which is looked at next."""
    try:
        return look()
    except Navigated:
        return None


@contextmanager
def browser(home: Path) -> Iterator[Page]:
    """A browser with one tab, whose profile lies in `home`."""
    assert CHROMIUM is not None
    process = subprocess.Popen(
        [
            CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--remote-debugging-port=0", f"--user-data-dir={home}", "--window-size=1440,900", "about:blank",
        ],
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        told, deadline = home / "DevToolsActivePort", time.monotonic() + WAIT
        while not told.is_file() or not told.read_text():
            assert process.poll() is None, "the browser did not start"
            assert time.monotonic() < deadline, "the browser does not answer"
            time.sleep(0.1)
        port = told.read_text().split()[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=WAIT) as answer:
            [tab] = [one for one in json.load(answer) if one["type"] == "page"]
        with connect(tab["webSocketDebuggerUrl"], max_size=None) as socket:
            yield Page(socket)
    finally:
        process.terminate()
        process.wait(timeout=30)
