"""``osteon dictionary``: check a dictionary, import one from REDCap."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from policies.decode import digest, load
from policies.derivation import Derivations
from policies.dictionary import Dictionary, read_redcap_dictionary
from policies.library import find, shipped

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command("list")
def list_dictionaries(
    *, as_json: Annotated[bool, typer.Option("--json", help="machine-readable")] = False
) -> None:
    """Dictionaries that ship with Osteon.

    Example: osteon dictionary list
    """
    names = list(shipped("dictionaries"))
    print(json.dumps(names) if as_json else "\n".join(names))


@app.command()
def check(
    dictionary: Annotated[str, typer.Argument(help="name of a shipped dictionary, or a file")],
    derivations: Annotated[str | None, typer.Option(help="derivations to check with it")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="machine-readable")] = False,
) -> None:
    """Check a dictionary (and its derivations): types, bounds, branches, references.

    Example: osteon dictionary check sarcoma_v1 --derivations sarcoma_v1
    """
    declared = load(Dictionary, find("dictionaries", dictionary))
    found = {
        "dictionary": declared.dictionary,
        "digest": digest(declared),
        "instruments": len(declared.instruments),
        "elements": len(declared.elements),
    }
    if derivations is not None:
        derived = load(Derivations, find("derivations", derivations))
        derived.check_against(declared, where=derivations)
        found |= {"derived": len(derived.elements), "units": list(derived.units)}
    print(json.dumps(found) if as_json else "\n".join(f"{k}: {v}" for k, v in found.items()))


@app.command("import")
def import_redcap(
    source: Annotated[
        Path,
        typer.Argument(help="REDCap data dictionary (CSV, the metadata API's JSON, project XML)"),
    ],
    out: Annotated[Path, typer.Argument(help="YAML file to write; must not exist")],
    name: Annotated[str, typer.Option(help="name of the new dictionary")],
    repeats: Annotated[
        list[str] | None, typer.Option(help="an instrument that repeats (may be given again)")
    ] = None,
) -> None:
    """Turn a REDCap data dictionary into an Osteon dictionary.

    A project's CDISC ODM XML, with its data or without, says also which instruments
    repeat, by themselves or for their events.

    Example: osteon dictionary import redcap.csv heart_v1.yaml --name heart_v1 --repeats visit
    """
    import yaml

    from gateway.errors import SiteError

    declared = read_redcap_dictionary(source, name=name, repeats=repeats or ())
    plain = declared.model_dump(mode="json", exclude_defaults=True)
    text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=100)
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise SiteError(f"{out}: there is a file already", hint="choose a new file") from None
    except OSError as error:
        raise SiteError(f"{out}: cannot be written ({error.strerror})") from None
    print(f"{out}: {len(declared.elements)} elements in {len(declared.instruments)} instruments")
