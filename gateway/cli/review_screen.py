"""What the reviewer of withheld notes sees, and types.

Notes are foreign text: characters that steer a terminal or turn the reading direction are
replaced before anything is shown.
"""

from __future__ import annotations

import os
import select
import sys
import unicodedata
from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

__all__ = ["HELP", "Input", "safe", "show"]

HELP = """a  accept: release the cleaned text, if the check does not find the patient in it
m  mark words to redact wherever they stand: CATEGORY WORDS (m NAME Jane Roe)
u  take the last mark back
t  the words are clinical: add to terms.txt
s  the words name staff: add to staff.txt
f  the words name a facility: add to facilities.txt
k  keep withheld for good
n  next    p  previous    q  quit    ?  this help"""

_WITH_WORDS = {
    "m": "category and words to redact: ",
    "t": "clinical words: ",
    "s": "name of staff: ",
    "f": "name of facility: ",
}
_STYLES = {"NAME": "bold red", "DATE": "bold cyan", "ID": "bold magenta", "LOCATION": "bold green"}
_UNSHOWN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def safe(text: str) -> str:
    """The text with control, format and bidirectional characters replaced, same length."""
    return "".join(
        "\ufffd" if char not in "\n\t" and unicodedata.category(char) in _UNSHOWN else char
        for char in text
    )


def show(console: Console, title: str, text: str, spans: Iterable[tuple[int, int, str]]) -> None:
    """One note, with what was found in it highlighted."""
    body = Text(safe(text))
    for start, end, category in spans:
        body.stylize(f"reverse {_STYLES.get(category, 'bold yellow')}", start, end)
    if console.is_terminal:
        console.clear()
    console.print(Text(safe(title), style="bold"))
    console.print(body)


class Input:
    """Commands of the reviewer: single keys at a terminal, else one line each."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._keys = sys.stdin.isatty()

    def command(self) -> tuple[str, str]:
        """(key, words); the end of the input is ``q``."""
        if not self._keys:
            line = sys.stdin.readline()
            key, _, words = line.strip().partition(" ")
            return (key or "?", words.strip()) if line else ("q", "")
        self._console.print("[a m u t s f k n p q ?]", markup=False, highlight=False)
        key = _key()
        words = self._asked(_WITH_WORDS[key]) if key in _WITH_WORDS else ""
        return key, words

    def _asked(self, question: str) -> str:
        self._console.print(question, end="", markup=False)
        line = b""
        while not line.endswith(b"\n"):
            piece = os.read(sys.stdin.fileno(), 1)
            if not piece:
                break
            line += piece
        return line.decode("utf-8", "replace").strip()


def _key() -> str:
    """One key; those that send a sequence (arrows) count as unknown, Ctrl-D as ``q``."""
    import termios
    import tty

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    try:
        tty.setcbreak(terminal, termios.TCSADRAIN)
        raw = os.read(terminal, 1)
        if raw == b"\x1b":
            while select.select([terminal], [], [], 0.05)[0] and os.read(terminal, 1):
                pass
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
    return "q" if raw in (b"", b"\x04") else raw.decode("ascii", "replace")
