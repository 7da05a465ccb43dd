"""The one place that knows Presidio and spaCy (DESIGN D15, D16).

One pass of a spaCy pipeline finds names; Presidio's analyzer runs its recognisers of numbers of
international format (cards, bank accounts, telephone numbers, provider and beneficiary numbers),
and its anonymizer writes what replaces them. Presidio's US driver licence, bank number, nationality
and date recognisers are left out: in orthopaedic notes they fire on spine levels (L4, S1), lot
numbers and "daily". Nothing here touches a network: the model is named and must be installed, and
e-mail domains are checked against the suffix list that ships inside tldextract.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from deid.eponyms import lexicon
from deid.errors import ModelError
from deid.ner.pinned import checked_model
from deid.span import Category, Span
from deid.vocabulary import is_word

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpArtifacts
    from spacy.language import Language

__all__ = ["Model", "loaded", "rewritten", "truecased"]

Pieces = Sequence[tuple[int, int]]

# What the entity recogniser does not need; without these the pass takes about half the time.
_UNUSED = ("tok2vec", "tagger", "parser", "attribute_ruler", "lemmatizer", "senter")
_CATEGORY: dict[str, Category] = {
    "PHONE_NUMBER": "CONTACT",
    "EMAIL_ADDRESS": "CONTACT",
    "CREDIT_CARD": "ID",
    "IBAN_CODE": "ID",
    "US_ITIN": "ID",
    "US_PASSPORT": "ID",
    "US_MBI": "ID",
    "US_NPI": "ID",
    "MEDICAL_LICENSE": "ID",
    "CRYPTO": "ID",
}
# DAY and NUMBER are labels of our own model: the DATE and CARDINAL of others take L4 and Ki-67.
_NER: dict[str, Category] = {
    "PERSON": "NAME",
    "GPE": "LOCATION",
    "LOC": "LOCATION",
    "FAC": "LOCATION",
    "ORG": "ORG",
    "DAY": "DATE",
    "NUMBER": "ID",
}
_NER_SCORE = 0.85
"""A pipeline tells no probability; Presidio gives its findings this score."""
_NUMBER_ENTITIES = sorted(_CATEGORY)
_CALLS_PER_ZONE = 400
# spaCy's tokeniser takes the signs off a run of non-blanks one by one and looks at the whole rest
# each time: 20,000 brackets took a minute, and no time limit reaches it there.
_RUN_MAX = 100
_LONG_RUN = re.compile(rf"(?<!\S)\S{{{_RUN_MAX + 1},}}")
_PART_OF_RUN = re.compile(rf"\S{{0,{_RUN_MAX - 1}}}[^\w\s]|\S{{1,{_RUN_MAX}}}")
_SHOUTED = re.compile(r"(?<![^\W_])[A-Z]{3,}(?:['’\-][A-Z]{2,})*(?![^\W_])")


def truecased(text: str) -> str:
    """The text with shouted words in normal case, same length: "JOHN SMITH WAS SEEN" →
    "John Smith was seen". The model learnt from newspapers and misreads capitals.
    """

    def calm(match: re.Match[str]) -> str:
        word = match.group()
        if word.lower() in lexicon().terms:
            return word
        return word.lower() if is_word(word) else word.title()

    quiet = _SHOUTED.sub(calm, text)
    return quiet if len(quiet) == len(text) else text


def _load_spacy(name: str, sha256: str | None) -> Language:
    """A pipeline that ships with this package (``osteon_ner``), is installed, or is a folder given
    by its whole path: what lies in the working folder must not take the place of a package.
    """
    import spacy
    from thinc.api import use_ops

    folder = checked_model(name, sha256)
    try:
        # NumPy's own library multiplies small matrices in two thirds of the time that Blis takes.
        with use_ops("numpy", use_blis=False):
            nlp = spacy.load(folder if folder is not None else name, exclude=list(_UNUSED))
    except Exception as error:  # spaCy and its parts raise many kinds
        raise ModelError(
            f"the language model '{name}' does not load ({type(error).__name__})",
            hint="it must be a spaCy pipeline for the installed version of spaCy",
        ) from error
    if not any(label in _NER for labels in nlp.pipe_labels.values() for label in labels):
        raise ModelError(
            f"the language model '{name}' finds no names",
            hint="it must have an entity recogniser that knows PERSON, GPE, LOC, FAC or ORG",
        )
    return nlp


def _registry() -> Any:
    import tldextract
    from presidio_analyzer import RecognizerRegistry
    from presidio_analyzer.predefined_recognizers import (
        CreditCardRecognizer,
        CryptoRecognizer,
        EmailRecognizer,
        IbanRecognizer,
        MedicalLicenseRecognizer,
        PhoneRecognizer,
        UsItinRecognizer,
        UsPassportRecognizer,
    )

    suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

    class OfflineEmail(EmailRecognizer):  # type: ignore[misc]
        """Presidio's pattern; the domain is checked against the bundled suffix list only."""

        def validate_result(self, pattern_text: str) -> bool:
            return bool(suffixes(pattern_text).fqdn)

    return RecognizerRegistry(
        recognizers=[
            CreditCardRecognizer(),
            CryptoRecognizer(),
            IbanRecognizer(),
            MedicalLicenseRecognizer(),
            OfflineEmail(),
            PhoneRecognizer(supported_regions=("US", "GB", "CA"), leniency=2),
            UsItinRecognizer(),
            UsPassportRecognizer(),
        ],
        supported_languages=["en"],
    )


def _analyzer(nlp: Language) -> AnalyzerEngine:
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    class LoadedSpacy(SpacyNlpEngine):  # type: ignore[misc]
        """An engine around a pipeline that is already loaded, for what asks about words."""

        def __init__(self) -> None:
            super().__init__(models=[{"lang_code": "en", "model_name": "loaded"}])
            self.nlp = {"en": nlp}

    engine = LoadedSpacy()
    return AnalyzerEngine(registry=_registry(), nlp_engine=engine, supported_languages=["en"])


@cache
def _anonymizer() -> Any:
    from presidio_anonymizer import AnonymizerEngine

    return AnonymizerEngine()


def rewritten(text: str, parts: Sequence[tuple[Span, str]]) -> tuple[str, list[tuple[int, int]]]:
    """``text`` with each span replaced by its words, and where those stand in the new text.

    Spans are in order and do not overlap. Every span is an entity of its own to Presidio's
    anonymizer, so that it never merges neighbours.
    """
    from presidio_anonymizer.entities import OperatorConfig, RecognizerResult

    found = [
        RecognizerResult(entity_type=str(i), start=span.start, end=span.end, score=1.0)
        for i, (span, _) in enumerate(parts)
    ]
    operators = {
        # Presidio's "replace" writes the entity's type where the new value is empty.
        str(i): OperatorConfig("replace", {"new_value": new}) if new else OperatorConfig("redact")
        for i, (_, new) in enumerate(parts)
    }
    done = _anonymizer().anonymize(text, found, operators)
    return str(done.text), sorted((item.start, item.end) for item in done.items)


class Model:
    """Presidio around one spaCy model. Loading takes seconds; one per process is enough."""

    def __init__(self, name: str, sha256: str | None = None) -> None:
        """Load the installed model ``name``; :class:`ModelError` if it is not there, or if its
        files are not those of ``sha256`` (:func:`deid.ner.pinned.files_digest`).
        """
        self.name = name
        from threadpoolctl import ThreadpoolController

        self._nlp = _load_spacy(name, sha256)
        self._threads = ThreadpoolController()
        self._zone = ExitStack()
        self._calls = 0
        self._analyzer = _analyzer(self._nlp)

    def find_names(self, text: str, sentences: Pieces, score_min: float) -> Iterator[Span]:
        """People, places, organisations, days (DATE) and numbers (ID) in the sentences; all
        findings are raw, and those of organisations noisy.

        All sentences are read as one document, so that the result depends on the note alone. The
        pipeline is asked directly: Presidio would make its artifacts of every word for nothing.
        """
        if not sentences or score_min > _NER_SCORE:
            return
        picked = _Picked(text, sentences)
        self._renew()
        # Threads wait for each other longer than such matrices take; workers share the processors.
        with self._threads.limit(limits=1, user_api="blas"):
            read = self._nlp(picked.text)
        for found in read.ents:
            category = _NER.get(found.label_)
            if category is None:
                continue
            for start, end in picked.origins(found.start_char, found.end_char):
                yield Span(start, end, category, "model", _NER_SCORE)

    def find_numbers(self, text: str, sentences: Pieces, score_min: float) -> Iterator[Span]:
        """Numbers of international format and e-mail addresses: no model is run for these."""
        if not sentences:
            return
        picked = _Picked(text, sentences)
        self._renew()
        results = self._analyzer.analyze(
            picked.text,
            language="en",
            entities=_NUMBER_ENTITIES,
            score_threshold=score_min,
            nlp_artifacts=self._tokenized(picked.text),
        )
        for one in results:
            # A pattern without bounds cuts a number out of "NCT03618381".
            if _cuts_a_word(picked.text, one.start, one.end):
                continue
            for start, end in picked.origins(one.start, one.end):
                score = min(float(one.score), 0.99)
                yield Span(start, end, _CATEGORY[one.entity_type], "model", score)

    def _tokenized(self, text: str) -> NlpArtifacts:
        from presidio_analyzer.nlp_engine import NlpArtifacts

        tokens = self._nlp.make_doc(text)
        return NlpArtifacts(
            entities=[],
            tokens=tokens,
            tokens_indices=[token.idx for token in tokens],
            lemmas=[token.lower_ for token in tokens],
            nlp_engine=self._analyzer.nlp_engine,
            language="en",
            scores=[],
        )

    def _renew(self) -> None:
        """SpaCy keeps every word it has ever seen, unless it is in a zone that ends. A zone for
        each note would forget the common words too, and tokenising takes a third of the time.
        """
        if self._calls % _CALLS_PER_ZONE == 0:
            self._zone.close()
            self._zone.enter_context(self._nlp.memory_zone())
        self._calls += 1


def _cuts_a_word(text: str, start: int, end: int) -> bool:
    before = start > 0 and text[start - 1].isalnum() and text[start].isalnum()
    behind = end < len(text) and text[end].isalnum() and text[end - 1].isalnum()
    return before or behind


def _without_long_runs(text: str, sentences: Pieces) -> Iterator[tuple[int, int]]:
    """The sentences; one with a long run of non-blanks is cut inside it, behind a sign if any."""
    for start, end in sentences:
        at = start
        for run in _LONG_RUN.finditer(text, start, end):
            for part in _PART_OF_RUN.finditer(text, *run.span()):
                yield at, part.end()
                at = part.end()
        if at < end:
            yield at, end


class _Picked:
    """Sentences of a text as a text of their own, and the way back."""

    def __init__(self, text: str, sentences: Pieces) -> None:
        parts, self._starts, at = [], [], 0
        self._sentences = list(_without_long_runs(text, sentences))
        for start, end in self._sentences:
            part = truecased(text[start:end].rstrip()) + "\n"
            self._starts.append(at)
            parts.append(part)
            at += len(part)
        self.text = "".join(parts)

    def origins(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Where a stretch lies in the source: once for every sentence that it touches."""
        index = bisect_right(self._starts, start) - 1
        while index < len(self._starts) and self._starts[index] < end:
            at, (first, last) = self._starts[index], self._sentences[index]
            a, b = first + max(start - at, 0), min(first + end - at, last)
            if a < b:
                yield a, b
            index += 1


@lru_cache(maxsize=2)
def loaded(name: str, sha256: str | None = None) -> Model:
    """The model ``name``, loaded once per process."""
    return Model(name, sha256)
