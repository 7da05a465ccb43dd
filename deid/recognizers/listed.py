"""Names by how they are written: words of the list of names, surnames with a particle."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.eponyms import beside_head, in_phrase, is_clinical, is_explained, lexicon
from deid.recognizers.name_grammar import is_name_word, name_after
from deid.scan import AtWords, at_words
from deid.span import Span
from deid.vocabulary import cues, fold, is_word, known_names, names_as_words, without_genitive

__all__ = ["find_listed", "particled"]

_ABBREVIATION = 4  # capitals of this length are rather an abbreviation than a name
_CAPITALISED = re.compile(r"(?<![^\W_])[^\W\d_a-z](?:[^\W\d_]|['’\-](?=[^\W\d_])){2,}")
_INITIAL_BEFORE = re.compile(r"(?<![\w.])(?:[^\W\d_a-z]\.[ \t]?){1,2}$")
_WORD_BEFORE = re.compile(r"([^\W\d_]+)[ \-]$")
_NUMBER_BEHIND = re.compile(r"[ \t](?:is[ \t]|of[ \t])?\d{1,3}(?![\w/-])")
# "de", "la", "le" and "di" stand before other words as well; the others before names only.
_PARTICLED = re.compile(
    r"(?<![^\W_])(?:(?P<sure>van(?:[ \t](?:den|der|de|het|['’]t))?|von(?:[ \t](?:der|dem|den))?"
    r"|ter|ten|ap|bint?|ibn|abu|abd|dos|das|della|degli|['’]t)[ \t]"
    r"|VAN(?:[ \t](?:DEN|DER|DE|['’]T))?[ \t]|VON(?:[ \t](?:DER|DEM))?[ \t]|(?:AL|EL)-"
    r"|(?:de(?:[ \t](?:la|las|los))?|del|di|da|du|le|la)[ \t]|(?:al|el|ad|ar|as|ash|at|ul)-|d['’])"
    r"(?P<core>[A-ZÀ-ÖØ-Þ][^\W\d_]+(?:-[A-ZÀ-ÖØ-Þ][^\W\d_]+)*)"
)
_BEFORE_PARTICLE = re.compile(r"(?<![^\W_])([A-ZÀ-ÖØ-Þ][^\W\d_]*(?:['’\-][^\W\d_]+)*\.?)[ \t]$")
_SMALL = re.compile(
    r"(?<![^\W_])(?<!['’@./])[a-zà-ÿ]{4,}(?:['’-][a-zà-ÿ]{2,})?(?![^\W_]|['’@]|\.\w)"
)
_SMALL_TITLE = re.compile(
    r"(?<![^\W_])(?:dr|doctor|mr|mister|mrs|missus|ms|miss|nurse|prof|professor)\.?[ \t]{1,2}"
)
_SMALL_KIN = re.compile(
    r"(?<![^\W_])(?i:wife|husband|son|daughter|brother|sister|aunt|uncle|niece|nephew|cousin"
    r"|grandmother|grandfather|grandson|granddaughter)[ \t]"
)
_AT_WORDS: tuple[AtWords, ...] = (
    (
        frozenset({"dr", "doctor", "mr", "mister", "mrs", "missus", "ms", "miss", "nurse"})
        | {"prof", "professor"},
        _SMALL_TITLE,
    ),
    (
        frozenset({"wife", "husband", "son", "daughter", "brother", "sister", "aunt", "uncle"})
        | {"niece", "nephew", "cousin", "grandmother", "grandfather", "grandson", "granddaughter"},
        _SMALL_KIN,
    ),
)
_VERB_ENDS = re.compile(r"(?:s|ed|ing|ly)$")
_SMALL_BEFORE = re.compile(r"(?<![^\W_])([a-z]{3,12}),?[ \t]$")
_SMALL_INITIAL = re.compile(r"(?<![^\W_])(?:[a-z]\.|[b-z])[ \t]$")  # "a kelly clamp"
_LOOK_BACK = 60
# The rest of a word in which a scanner read letters as digits.
_DAMAGED = re.compile(r"[0135][a-z0135]*(?![^\W_])")
_READINGS = (str.maketrans("0135", "oles"), str.maketrans("0135", "oies"))
_NAMED_TERMS = frozenset({"wright", "craig"})  # makers, but surnames first
_BORROWED = cues("borrowed_words")


def _listed(text: str) -> Iterator[tuple[int, int]]:
    """Words of the list of names, wherever they stand with a capital, with what follows of the
    name: a surname, "Young", a word that nothing else explains.
    """
    for match in _CAPITALISED.finditer(text):
        token = without_genitive(match.group())
        start, end = match.start(), match.start() + len(token)
        plain = fold(token)
        parts = plain.split("-")
        listed = plain in known_names() or (len(parts) > 1 and set(parts) <= known_names())
        listed = listed or _plural(text, start, end)
        # Neither ordinary nor clinical words are written with letters of other languages.
        foreign = not (token.isascii() or is_clinical(text, start, end) or plain in _BORROWED)
        if not (listed or foreign):
            continue
        if (token.isupper() and len(token) <= _ABBREVIATION) or beside_head(text, start, end):
            continue
        known = lexicon()
        if in_phrase(text, start, end) or (
            (plain in known.terms or plain in known.eponyms) and plain not in _NAMED_TERMS
        ):
            continue  # "WOMAC", "Gore-Tex", "Mann-Whitney"
        paired = _WORD_BEFORE.search(text, max(0, start - 20), start)
        if paired and fold(paired[1]) in lexicon().eponyms:
            continue  # "Bence Jones"
        if plain in lexicon().ambiguous and _NUMBER_BEHIND.match(text, end):
            continue  # a score: "Morse 45"
        damaged = _DAMAGED.match(text, end)
        if damaged and any(is_word((token + damaged.group()).translate(one)) for one in _READINGS):
            continue  # "Fami1y", which a scanner read so
        initial = _INITIAL_BEFORE.search(text, max(0, start - 7), start)
        whole = name_after(text, start, words_max=2)
        yield initial.start() if initial else start, whole if whole > match.end() else end


def _plural(text: str, start: int, end: int) -> bool:
    """A listed name with an s behind: "the Brennekes", "Nevaehs mom"."""
    if text[end - 1] != "s":
        return False
    stem = fold(text[start:end])[:-1]
    known = lexicon()
    return (
        text[start + 1 : end].islower()
        and stem in known_names()
        and stem not in known.eponyms
        and stem not in known.ambiguous
        and not is_clinical(text, start, end)
    )


def _small(text: str) -> Iterator[tuple[int, int]]:
    """Names written small: of the list, or behind a title, with the words beside them that nothing
    explains. Notes from speech recognition and portals are written so.
    """
    titled, kin = ({match.end() for match in found} for found in at_words(text, _AT_WORDS))
    end = 0
    for match in _SMALL.finditer(text):
        if match.start() < end:
            continue
        first = match.start()
        name = _is_small_name(match.group()) and not is_clinical(text, *match.span(), cued=True)
        name = name or (first in titled and _unexplained(text, match))
        # "husband dale"; "wife will", "son drew" are in no list of names or may be verbs
        beside_kin = first in kin and (
            fold(match.group()) in known_names()
            or (
                _unexplained(text, match)
                and not _VERB_ENDS.search(match.group())
                and match.group() not in cues("word_given_names")
            )
        )
        if not (name or beside_kin):
            continue
        end = match.end()
        while (following := _SMALL.match(text, end + 1)) and text[end] == " ":
            if not (_is_small_name(following.group()) or _unexplained(text, following)):
                break
            end = following.end()
        before = _SMALL_BEFORE.search(text, max(0, first - 24), first)
        known = before and before[1] in cues("word_surnames", "word_given_names")
        initial = _SMALL_INITIAL.search(text, max(0, first - 4), first)
        yield before.start(1) if before and known else initial.start() if initial else first, end


def _is_small_name(word: str) -> bool:
    plain = fold(word)
    return (
        plain in known_names()
        and plain not in names_as_words()
        and plain not in cues("small_words")
    )


def _unexplained(text: str, word: re.Match[str]) -> bool:
    return len(word.group()) > 3 and not is_explained(text, *word.span())


def particled(text: str) -> Iterator[tuple[int, int]]:
    """Surnames with a particle in small letters, with the given name before them."""
    for match in _PARTICLED.finditer(text):
        core = match.span("core")
        if is_clinical(text, *core) and (match["sure"] is None or not is_word(match["core"])):
            continue
        start = match.start()
        while before := _BEFORE_PARTICLE.search(text, max(0, start - _LOOK_BACK), start):
            word = before.span(1)
            initial = len(before[1].rstrip(".")) == 1
            if not (initial or is_name_word(text, *word) or fold(before[1]) in cues("particles")):
                break
            start = before.start()
        yield start, match.end()


def find_listed(text: str) -> Iterator[Span]:
    """Names by the list of names; spans may overlap those of :func:`find_names`."""
    for source in (_listed, _small):
        for start, end in source(text):
            yield Span(start, end, "NAME", "listed")
