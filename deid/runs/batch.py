"""A file of notes in, a file of safe notes out: streaming, resumable, complete or absent.

``OUT.jsonl.part`` grows line by line in the order of the input; ``OUT.jsonl.journal`` says which
input, patients, profile, site lists and keys it belongs to. A killed run leaves both; the same
command goes on behind the last whole line. At the end the part is renamed over ``OUT.jsonl`` and
the journal removed. Keys made for a run without a site live in the journal (mode 0600) until then.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from errno import EACCES, EDQUOT, EFBIG, ENOSPC, EPERM, EROFS
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, TextIO

from deid.errors import DeidError, InputError
from deid.ner.pinned import checked_model
from deid.own.patient import Patient
from deid.pseudonym import Keys, keyed
from deid.runs.intake import Checked, Note, check_notes, read_notes, read_patients
from deid.runs.progress import Done, Progress
from deid.runs.workers import Answer, Task, answers, line
from deid.site_lists import SiteLists
from deid.surrogates import RealPeople
from policies.decode import digest
from policies.profile import Profile

__all__ = ["Summary", "Withheld", "clean_file"]

Withheld = Callable[[Task, Answer], None]
People = Callable[[Iterable[Patient], Iterable[str]], RealPeople]
_JOURNAL_FORMAT = 1
_UNWRITABLE = {ENOSPC, EDQUOT, EFBIG, EROFS, EACCES, EPERM}
_SYNC_SECONDS = 1.0


@dataclass(slots=True)
class Summary:
    """Counts of a run. ``resumed`` notes were found done; ``telling_note_ids`` contain the id,
    MRN or name of their patient and are written unchanged; ``unknown_patient_notes`` are of
    patients of whom neither name nor MRN is given; ``withheld`` counts by reason; ``characters``
    are those of the notes as they came.
    """

    notes: int = 0
    characters: int = 0
    cleaned: int = 0
    withheld: Counter[str] = field(default_factory=Counter)
    spans: Counter[str] = field(default_factory=Counter)
    resumed: int = 0
    telling_note_ids: int = 0
    unknown_patient_notes: int = 0
    seconds: float = 0.0

    def add(self, line: dict[str, Any], characters: int) -> None:
        """Count one line of the output, and the characters of its note."""
        self.notes += 1
        self.characters += characters
        if line["text"] is None:
            self.withheld[line["withheld"]] += 1
        else:
            self.cleaned += 1
        self.spans.update(span["category"] for span in line["spans"])

    def to_dict(self) -> dict[str, Any]:
        """Plain data for ``--json``."""
        return {
            "notes": self.notes,
            "characters": self.characters,
            "cleaned": self.cleaned,
            "withheld": sum(self.withheld.values()),
            "withheld_reasons": dict(sorted(self.withheld.items())),
            "spans": dict(sorted(self.spans.items())),
            "resumed": self.resumed,
            "telling_note_ids": self.telling_note_ids,
            "unknown_patient_notes": self.unknown_patient_notes,
            "seconds": round(self.seconds, 1),
        }


def clean_file(
    notes: Path,
    out: Path,
    patients: Path,
    *,
    profile: Profile,
    keys: Keys | None = None,
    lists: SiteLists | None = None,
    workers: int = 1,
    replace: bool = False,
    progress: Progress | None = None,
    withheld: Withheld | None = None,
    people: People | None = None,
) -> Summary:
    """De-identify ``notes`` into ``out``; ``keys`` None makes keys for this run and ``lists``
    are the site's own names.

    Raises :class:`InputError` before anything is written if an input is wrong, or if ``out`` is
    there already and neither ``replace`` is said nor a killed run that was to replace it goes on,
    and :class:`ModelError` if the profile's model is missing or altered.
    ``progress`` is called at the start and after each note, ``withheld`` with each withheld note
    before its line is written. ``people`` says whom no surrogate may name; by default the patients
    and the listed staff.
    """
    started = time.monotonic()
    _check_places(notes, out, patients)
    if not replace and not _journal_of(out).exists():
        _check_absent(out)  # at once: the inputs may take minutes to read
    checked_model(profile.model, profile.model_sha256)
    lists = lists if lists is not None else SiteLists()
    known = read_patients(patients, profile.anchor_columns)
    if people is not None:
        lists = lists.heeding(people(known.values(), lists.staff))
    checked = check_notes(notes, known)
    mark = _fingerprint(checked, patients, profile, lists)
    with _writing(out), _journal(out, mark, keys, replace=replace) as (run_keys, fresh):
        summary = Summary(
            telling_note_ids=checked.telling_ids, unknown_patient_notes=checked.unknown
        )
        part = _part_of(out)
        summary.resumed = 0 if fresh else _salvage(part, notes, summary)
        with part.open("a" if summary.resumed else "w", encoding="utf-8", newline="\n") as file:
            flying: deque[Task] = deque()
            tasks = _tasks(read_notes(notes, skip=summary.resumed), known, flying)
            if lists.people is None:
                lists = lists.heeding(RealPeople.of(run_keys, known.values(), lists.staff))
            done = answers(tasks, profile, run_keys, lists=lists, workers=workers)
            lines = _lines(done, flying, run_keys, withheld)
            _write(file, lines, summary, progress, checked)
        if summary.notes != checked.notes:
            raise DeidError("the notes file changed during the run", hint="start again")
        part.replace(out)
        _sync_folder(out.parent)
    summary.seconds = time.monotonic() - started
    return summary


def _check_places(notes: Path, out: Path, patients: Path) -> None:
    if not out.parent.is_dir():
        raise InputError("its folder does not exist", file=str(out))
    if out.is_dir():
        raise InputError("is a folder", file=str(out))
    written = {place.resolve() for place in (out, _part_of(out), _journal_of(out))}
    for given in (notes, patients):
        if given.resolve() in written:
            raise InputError("would overwrite an input", file=str(given), hint="name another OUT")


def _check_absent(out: Path) -> None:
    if out.exists():
        raise InputError(
            "exists already",
            file=str(out),
            hint="name another file, or add --force to replace it once the new one is whole",
        )


def _tasks(
    source: Iterator[Note], known: dict[str, Patient], flying: deque[Task]
) -> Iterator[Task]:
    for note in source:
        task = Task(note.note_id, known[note.patient_id], note.text)
        flying.append(task)
        yield task


def _lines(
    done: Iterator[Answer], flying: deque[Task], keys: Keys, withheld: Withheld | None
) -> Iterator[tuple[dict[str, Any], int]]:
    """Each line of the output with the characters of its note. Answers come in the order of the
    tasks; a withheld note is handed on before its line.
    """
    for answer in done:
        task = flying.popleft()
        if answer.text is None and withheld is not None:
            withheld(task, answer)
        yield line(answer, keys), len(task.text)


def _write(
    file: TextIO,
    lines: Iterator[tuple[dict[str, Any], int]],
    summary: Summary,
    progress: Progress | None,
    checked: Checked,
) -> None:
    def tell() -> None:
        if progress is not None:
            progress(Done(summary.notes, checked.notes, summary.characters, checked.characters))

    synced = time.monotonic()
    tell()
    for written, characters in lines:
        file.write(json.dumps(written, ensure_ascii=False) + "\n")
        summary.add(written, characters)
        tell()
        if time.monotonic() - synced > _SYNC_SECONDS:
            file.flush()
            os.fsync(file.fileno())
            synced = time.monotonic()
    file.flush()
    os.fsync(file.fileno())


def _fingerprint(
    checked: Checked, patients: Path, profile: Profile, lists: SiteLists
) -> dict[str, Any]:
    return {
        "format": _JOURNAL_FORMAT,
        "engine": _engine_digest(),
        "notes": checked.digest,
        "patients": hashlib.sha256(patients.read_bytes()).hexdigest(),
        "profile": digest(profile),
        "lists": lists.digest,
    }


@cache
def _engine_digest() -> str:
    """Changes with the rules, lists and weights: a run must not go on with others."""
    made = hashlib.sha256()
    root = resources.files("deid")
    with resources.as_file(root) as folder:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                made.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return made.hexdigest()


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    """A full disk or a folder that may not be written gets a name."""
    try:
        yield
    except OSError as error:
        if error.errno not in _UNWRITABLE:
            raise
        raise DeidError(
            f"{out}: cannot be written ({error.strerror})",
            hint="make room or name another file; the same command goes on where it stopped",
        ) from error


def _part_of(out: Path) -> Path:
    return Path(f"{out}.part")


def _journal_of(out: Path) -> Path:
    return Path(f"{out}.journal")


@contextmanager
def _journal(
    out: Path, fingerprint: dict[str, Any], keys: Keys | None, *, replace: bool
) -> Iterator[tuple[Keys, bool]]:
    """The keys to use and whether the run starts afresh; held by one process at a time.

    Removed when the block ends well; kept, for resuming, when it does not. A run that starts
    afresh replaces a whole output only where that is said; one that goes on was told before.
    """
    path = _journal_of(out)
    # It holds the keys of the run: it is no link, and nobody else may read it.
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    os.fchmod(handle, 0o600)
    with os.fdopen(handle, "r+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DeidError(f"{out}: another run is writing this file") from error
        held = _held(file.read(), fingerprint, keys)
        run_keys = held if held is not None else keys if keys is not None else Keys.generate()
        if held is None:
            if not replace:
                _check_absent(out)
            entry = fingerprint | {"key_check": _key_check(run_keys)}
            if keys is None:
                entry["run_keys"] = base64.b64encode(run_keys.to_bytes()).decode("ascii")
            file.seek(0)
            file.truncate()
            json.dump(entry, file)
            file.flush()
            os.fsync(file.fileno())
        yield run_keys, held is None
        path.unlink(missing_ok=True)


def _held(text: str, fingerprint: dict[str, Any], keys: Keys | None) -> Keys | None:
    """Keys of the earlier run if the journal belongs to the same inputs, else None."""
    try:
        entry = json.loads(text) if text else {}
    except ValueError:
        return None  # killed while the journal itself was written: nothing had begun
    if not isinstance(entry, dict) or any(entry.get(k) != v for k, v in fingerprint.items()):
        return None
    if keys is None:
        if "run_keys" not in entry:
            return None
        keys = Keys.from_bytes(base64.b64decode(entry["run_keys"]))
    return keys if entry.get("key_check") == _key_check(keys) else None


def _key_check(keys: Keys) -> str:
    return keyed(keys.pseudonym_key, "journal", keys.date_key.hex(), keys.surrogate_key.hex()).hex()


def _salvage(part: Path, notes: Path, summary: Summary) -> int:
    """Count the whole lines of an earlier run that match the input; cut off what follows."""
    if not part.exists():
        return 0
    good = 0
    source = read_notes(notes)
    with part.open("r+b") as file:
        for raw in file:
            note = next(source, None)
            old = _whole(raw)
            if note is None or old is None or old["note_id"] != note.note_id:
                break
            summary.add(old, len(note.text))
            good += len(raw)
        file.truncate(good)
    return summary.notes


def _whole(raw: bytes) -> dict[str, Any] | None:
    if not raw.endswith(b"\n"):
        return None
    try:
        line = json.loads(raw)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
