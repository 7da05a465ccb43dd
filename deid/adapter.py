"""The one place that knows Presidio and spaCy (DESIGN D15, D16).

Presidio's analyzer runs one spaCy pass and its recognisers of internationally formatted numbers
(cards, bank accounts, telephone numbers, provider and beneficiary numbers). Its US driver licence,
bank number, nationality and date recognisers are left out: in orthopaedic notes they fire on
spine levels (L4, S1), lot numbers and "daily". Nothing here touches a network: the model is
named and must be installed, and e-mail domains are checked against the suffix list that ships
inside tldextract.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deid.eponyms import lexicon
from deid.errors import ModelError
from deid.ner import SHIPPED
from deid.span import Category, Span
from deid.vocabulary import is_word

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine
    from spacy.language import Language

__all__ = ["Model", "loaded", "rewritten", "truecased"]

# What the entity recogniser does not need; without these the pass takes about half the time.
_UNUSED = ("tok2vec", "tagger", "parser", "attribute_ruler", "lemmatizer", "senter")
_CATEGORY: dict[str, Category] = {
    "PERSON": "NAME",
    "LOCATION": "LOCATION",
    "ORGANIZATION": "ORG",
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
_NER = {
    "PERSON": "PERSON",
    "GPE": "LOCATION",
    "LOC": "LOCATION",
    "FAC": "LOCATION",
    "ORG": "ORGANIZATION",
}
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


def _load_spacy(name: str) -> Language:
    """A pipeline that ships with this package (``osteon_ner``), is installed, or is a folder."""
    import spacy

    folder = SHIPPED if name == "osteon_ner" else Path(name)
    if (folder / "config.cfg").is_file():
        return spacy.load(folder, exclude=list(_UNUSED))
    if not spacy.util.is_package(name):
        raise ModelError(
            f"the language model '{name}' is not installed",
            hint="install the package that the profile names; nothing is ever downloaded",
        )
    return spacy.load(name, exclude=list(_UNUSED))


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
        SpacyRecognizer,
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
            SpacyRecognizer(supported_entities=sorted(set(_NER.values()))),
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
    from presidio_analyzer.nlp_engine import NerModelConfiguration, NlpArtifacts, SpacyNlpEngine

    configuration = NerModelConfiguration(
        model_to_presidio_entity_mapping=_NER,
        labels_to_ignore=[label for label in nlp.get_pipe("ner").labels if label not in _NER],
    )

    class LoadedSpacy(SpacyNlpEngine):  # type: ignore[misc]
        """An engine around a pipeline that is already loaded; lemmas are lower-case words."""

        def __init__(self) -> None:
            super().__init__(
                models=[{"lang_code": "en", "model_name": "loaded"}],
                ner_model_configuration=configuration,
            )
            self.nlp = {"en": nlp}

        def process_text(self, text: str, language: str) -> NlpArtifacts:
            artifacts = super().process_text(text, language)
            artifacts.lemmas = [token.lower_ for token in artifacts.tokens]
            return artifacts

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

    def __init__(self, name: str) -> None:
        """Load the installed model ``name``; :class:`ModelError` if it is not there."""
        self.name = name
        self._nlp = _load_spacy(name)
        self._analyzer = _analyzer(self._nlp)

    def find(self, text: str, score_min: float) -> Iterator[Span]:
        """Findings of the one pass, source ``model``; ORG findings are raw and noisy."""
        if not text.strip():
            return
        # The zone frees the strings that spaCy would otherwise keep for every note ever seen.
        with self._nlp.memory_zone():
            results = self._analyzer.analyze(
                truecased(text), language="en", score_threshold=score_min
            )
            found = [(one.start, one.end, one.entity_type, float(one.score)) for one in results]
        for start, end, entity, score in found:
            if entity in _CATEGORY:
                yield Span(start, end, _CATEGORY[entity], "model", min(score, 0.99))


@lru_cache(maxsize=2)
def loaded(name: str) -> Model:
    """The model ``name``, loaded once per process."""
    return Model(name)
