"""A site's folder: what it is made of, and ``site.yaml``, which says what it loads and how.

::

    SITE_DIR/
    ├── site.yaml        this declaration
    ├── policy.yaml      the officer's query policy (and policy.signed.json once signed)
    ├── dictionaries/ derivations/ rules/ measures/ extracts/ stated/ quality/ worklists/ outcomes/
    │                   the site's own declarations, if any
    ├── store/           versions of the registry and the pointers to them
    ├── vault/           identifiers, keys, worklists, encrypted; their key, or elsewhere
    ├── quarantine/      withheld notes that wait for a person, encrypted
    ├── deid/            the site's lists: staff.txt, facilities.txt, terms.txt
    ├── identity/        keys and certificates
    ├── fixlist.csv      what to correct, from the last load
    ├── missing.csv      required elements without an answer, from the last load
    ├── duplicates.csv   records that may be one person, from the last load
    ├── quality.jsonl    the main figures of quality, a line per load
    └── ledger.sqlite, audit.sqlite
"""

from __future__ import annotations

import json
import shlex
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import Field

from gateway.errors import SiteError
from policies.decode import Declaration, decode, digest, load
from policies.derivation import Derivations, Unit
from policies.dictionary import Dictionary
from policies.dictionary.model import Slug
from policies.errors import SignatureError
from policies.extract import Extracts
from policies.library import Shelf, find, shipped
from policies.outcome import Outcomes
from policies.profile import Profile
from policies.profile import profile as find_profile
from policies.quality_check import QualityChecks
from policies.rule import Rules
from policies.signing import Signed
from policies.site import SitePolicy, open_policy
from policies.stated_check import StatedChecks
from policies.worklist import Worklists

__all__ = ["SiteConfig", "SiteFolder", "create_site", "open_site"]


D = TypeVar("D", bound=Declaration)


class SiteConfig(Declaration):
    """``site.yaml``. Declarations are names: of a file in the site's own folder, or of one that
    ships. ``derivations`` and ``rules`` default to those named like the dictionary. ``store`` is
    ``duckdb``, embedded in the folder, or the address of a PostgreSQL server without a password:
    ``postgresql://ROLE@HOST/DATABASE``. ``memory_mb`` is what the database of a load may hold in
    memory; what is more goes to encrypted files in the folder while the load runs.
    """

    site: Slug
    dictionary: Slug
    derivations: Slug | None = None
    rules: Slug | None = None
    profile: str = "safe_harbor"
    map: str | None = None
    store: str = "duckdb"
    memory_mb: Annotated[int, Field(ge=500)] = 2000


@dataclass(frozen=True)
class SiteFolder:
    """An opened site folder."""

    path: Path
    config: SiteConfig

    @property
    def store_path(self) -> Path:
        """Folder of the registry store."""
        return self.path / "store"

    @property
    def vault_path(self) -> Path:
        """Folder of the vault."""
        return self.path / "vault"

    @property
    def quarantine_path(self) -> Path:
        """Folder of the withheld notes."""
        return self.path / "quarantine"

    @property
    def lists_path(self) -> Path:
        """Folder of the site's lists of names."""
        return self.path / "deid"

    @property
    def duplicates_path(self) -> Path:
        """Records of the last load that may be one person."""
        return self.path / "duplicates.csv"

    @property
    def trend_path(self) -> Path:
        """The main figures of quality, a line per load."""
        return self.path / "quality.jsonl"

    @property
    def fixlist_path(self) -> Path:
        """The fix list of the last load."""
        return self.path / "fixlist.csv"

    @property
    def missing_path(self) -> Path:
        """Required elements without an answer, of the last load."""
        return self.path / "missing.csv"

    def _find(self, shelf: Shelf, name: str) -> Path:
        own = self.path / shelf / f"{name}.yaml"
        return own if own.is_file() else find(shelf, name)

    def _knows(self, shelf: Shelf, name: str) -> bool:
        return (self.path / shelf / f"{name}.yaml").is_file() or name in shipped(shelf)

    def dictionary(self) -> Dictionary:
        """The registry's dictionary."""
        return _read(Dictionary, self._find("dictionaries", self.config.dictionary))

    def derivations(self) -> Derivations:
        """Units and derived elements; without any declared, one unit: the patient."""
        name = self.config.derivations or self.config.dictionary
        if self.config.derivations is None and not self._knows("derivations", name):
            root = self.dictionary().root
            return Derivations(
                derivations=name, version=1, dictionary=name, units={root: Unit(instrument=root)}
            )
        return _read(Derivations, self._find("derivations", name))

    def rules(self) -> Rules:
        """Validation rules; none where none are declared."""
        name = self.config.rules or self.config.dictionary
        if self.config.rules is None and not self._knows("rules", name):
            return Rules(rules=name, version=1, dictionary=self.config.dictionary, list={})
        return _read(Rules, self._find("rules", name))

    def extracts(self) -> Extracts:
        """How extracts are generalised: declared under the dictionary's name, or by roles only."""
        name = self.config.dictionary
        if not self._knows("extracts", name):
            return Extracts(extracts=name, version=1, dictionary=name)
        return _read(Extracts, self._find("extracts", name))

    def stated(self) -> StatedChecks:
        """What notes are compared with: declared under the dictionary's name, or nothing."""
        name = self.config.dictionary
        if not self._knows("stated", name):
            return StatedChecks(stated=name, version=1, dictionary=name)
        return _read(StatedChecks, self._find("stated", name))

    def quality_checks(self) -> QualityChecks:
        """How quality is measured: declared under the dictionary's name, or its tiers alone."""
        name = self.config.dictionary
        if not self._knows("quality", name):
            return QualityChecks(quality=name, version=1, dictionary=name)
        return _read(QualityChecks, self._find("quality", name))

    def worklists(self) -> Worklists:
        """Who needs somebody: declared under the dictionary's name, or nobody."""
        name = self.config.dictionary
        if not self._knows("worklists", name):
            return Worklists(worklists=name, version=1, dictionary=name)
        return _read(Worklists, self._find("worklists", name))

    def outcomes(self) -> Outcomes:
        """What the site sees of its own: declared under the dictionary's name, or nothing."""
        name = self.config.dictionary
        if not self._knows("outcomes", name):
            return Outcomes(outcomes=name, version=1, dictionary=name)
        return _read(Outcomes, self._find("outcomes", name))

    def profile(self) -> Profile:
        """The de-identification profile."""
        return find_profile(self.config.profile)

    def policy(self) -> SitePolicy:
        """The officer's policy as written (``policy.yaml``)."""
        return load(SitePolicy, self.path / "policy.yaml")

    def signed_policy(self, officer: str | None) -> SitePolicy | None:
        """The policy in ``policy.signed.json``, None if there is none. ``officer`` is the key that
        the roster names; None (a site outside any network) reads it unchecked, for display only.

        Raises SignatureError if another key signed it, SiteError if it is another site's.
        """
        path = self.path / "policy.signed.json"
        if not path.is_file():
            return None
        signed = Signed.from_bytes(path.read_bytes())
        policy = _unchecked(signed, path.name) if officer is None else open_policy(signed, officer)
        if policy.site != self.config.site:
            raise SiteError(
                f"{path.name} is the policy of another site",
                hint=f"osteon policy sign {shlex.quote(str(self.path))}",
            )
        return policy

    def digests(self) -> dict[str, str]:
        """Digests of the declarations that give the store its meaning."""
        return {
            "dictionary": digest(self.dictionary()),
            "derivations": digest(self.derivations()),
            "rules": digest(self.rules()),
            "profile": digest(self.profile()),
        }


def _unchecked(signed: Signed, where: str) -> SitePolicy:
    try:
        plain = json.loads(signed.payload)
    except ValueError as error:
        raise SignatureError(f"{where}: not a signed policy") from error
    return decode(SitePolicy, plain, where=where)


def _read(model: type[D], path: Path) -> D:
    read: D = _read_once(model, path, path.stat().st_mtime_ns)
    return read


@lru_cache(maxsize=32)
def _read_once(model: type[D], path: Path, changed_ns: int) -> D:  # noqa: ARG001 - part of the key
    return load(model, path)


def open_site(path: Path) -> SiteFolder:
    """Open a site folder; SiteError if it is none."""
    if not (path / "site.yaml").is_file():
        raise SiteError(f"{path} is not a site folder", hint=f"osteon site init {path}")
    return SiteFolder(path, load(SiteConfig, path / "site.yaml"))


def create_site(
    path: Path,
    *,
    dictionary: str,
    name: str | None = None,
    derivations: str | None = None,
    rules: str | None = None,
    profile: str = "safe_harbor",
    sitemap: str | None = None,
    store: str | None = None,
) -> SiteFolder:
    """Make a new site folder with vault, keys and a starter policy, whole or not at all.

    Declarations given as files are copied into the folder. SiteError if anything is there
    already; DeclarationError if a declaration is wrong.
    """
    if path.exists() and (not path.is_dir() or {p.name for p in path.iterdir()} - {"identity"}):
        raise SiteError(f"{path} exists and is not empty", hint="choose a new folder")
    draft = path.with_name(f".{path.name}.new")
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(mode=0o700, parents=True)
    try:
        from gateway.registry.store.opening import open_store

        config = {
            "site": name or path.resolve().name.lower().replace("-", "_"),
            "dictionary": _adopt(draft, "dictionaries", Dictionary, dictionary),
            "derivations": _adopt(draft, "derivations", Derivations, derivations),
            "rules": _adopt(draft, "rules", Rules, rules),
            "profile": profile,
            "map": sitemap,
        } | ({} if store is None else {"store": store})
        site = SiteFolder(draft, decode(SiteConfig, config, where="site.yaml"))
        site.derivations().check_against(site.dictionary(), where="derivations")
        find_profile(profile)
        open_store(site)
        _write(draft / "site.yaml", {k: v for k, v in config.items() if v is not None})
        _write(draft / "policy.yaml", _starter_policy(site))
        site.store_path.mkdir(mode=0o700)
        from federated.privacy.ledger import Ledger
        from gateway.registry.vault import Vault

        Vault.create(site.vault_path)
        Ledger.create(draft / "ledger.sqlite", site.config.site)
        _move(draft, path)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return SiteFolder(path, site.config)


def _move(draft: Path, path: Path) -> None:
    if not path.exists():
        draft.replace(path)
        return
    # An identity is there already, and its keys must not be moved about. With site.yaml, which
    # comes last, the folder becomes a site.
    for item in sorted(draft.iterdir(), key=lambda item: item.name == "site.yaml"):
        item.replace(path / item.name)
    draft.rmdir()


def _adopt(folder: Path, shelf: Shelf, model: type[Declaration], given: str | None) -> str | None:
    """The declaration's name; a file is checked and written into the folder under that name."""
    if given is None:
        return None
    source = find(shelf, given)
    if source.suffix == ".csv":
        raise SiteError(
            f"{given} is a table, a YAML file was expected", hint="osteon dictionary import"
        )
    declared = load(model, source)
    name = str(next(iter(declared.model_dump().values())))
    if given != name:
        (folder / shelf).mkdir(exist_ok=True)
        shutil.copyfile(source, folder / shelf / f"{name}.yaml")
    return name


def _starter_policy(site: SiteFolder) -> dict[str, Any]:
    """A policy that decodes and is cautious; the officer edits and signs it."""
    starter = {
        "policy": site.config.site,
        "serial": 1,
        "site": site.config.site,
        "dictionary": site.config.dictionary,
        "purposes": ["DUO:0000006"],
        "budget": {"year_epsilon": 3, "life_epsilon": 10, "study_epsilon": 1},
        "publish_every_days": 90,
        "valid_until": (datetime.now(UTC) + timedelta(days=365)).date().isoformat(),
    }
    decode(SitePolicy, starter, where="policy.yaml")
    return starter


def _write(path: Path, plain: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True), encoding="utf-8")
