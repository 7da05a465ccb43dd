"""Strict decoding of declarations: YAML → pydantic, with the path of the fault in the message.

Unknown keys, duplicate keys and wrong types are errors. The canonical form is RFC 8785 JSON;
its SHA-256 is the digest that travels in envelopes and names stored releases.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any, TypeVar

import rfc8785
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from policies.errors import DeclarationError

__all__ = [
    "Declaration",
    "canonical",
    "decode",
    "digest",
    "load",
    "load_yaml",
    "parse_yaml",
]


class Declaration(BaseModel):
    """Base of every declared object: frozen, unknown keys refused, no silent coercion."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


D = TypeVar("D", bound=BaseModel)


class _StrictLoader(yaml.SafeLoader):
    """SafeLoader that refuses duplicate keys (YAML would silently keep the last one)."""


def _mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    loader.flatten_mapping(node)
    seen: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str | int | float | bool):
            raise yaml.constructor.ConstructorError(
                None, None, "a key must be a plain word or number", key_node.start_mark
            )
        if key in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"duplicate key {key!r}", key_node.start_mark
            )
        seen[key] = loader.construct_object(value_node, deep=True)
    return seen


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
# Dates stay text, and so do yes, no, on and off: they are choice codes and labels here.
_NOT_IMPLICIT = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")
_StrictLoader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag not in _NOT_IMPLICIT]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_StrictLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf")
)


def parse_yaml(text: str, *, where: str) -> Any:
    """Parse one YAML document strictly; :class:`DeclarationError` names line and column."""
    try:
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader subclass
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{where}:{mark.line + 1}:{mark.column + 1}" if mark else where
        raise DeclarationError(str(error.problem or "is not valid YAML"), where=place) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise DeclarationError("is not valid YAML", where=where) from error


def load_yaml(path: Path) -> Any:
    """Read and parse a YAML file; missing, unreadable or non-UTF-8 files are named."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise DeclarationError("no such file", where=str(path)) from error
    except IsADirectoryError as error:
        raise DeclarationError("is a folder, a file was expected", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise DeclarationError(f"is not UTF-8 (byte {error.start})", where=str(path)) from error
    return parse_yaml(text, where=str(path))


def _path(location: tuple[int | str, ...]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


_PLAIN = {
    "extra_forbidden": "unknown key",
    "missing": "is required",
    "too_short": "needs at least one entry",
    "string_pattern_mismatch": "is not written in the expected form",
}


def _echoes(fault: Any, found: Any) -> bool:
    """Is a list called too short only because entries of it are at fault?"""
    own = fault["loc"]
    return fault["type"] == "too_short" and any(
        len(other["loc"]) > len(own) and other["loc"][: len(own)] == own for other in found
    )


def decode(model: type[D], data: Any, *, where: str) -> D:
    """Validate plain data into ``model``; the first faults are listed with their paths."""
    if not isinstance(data, dict):
        raise DeclarationError("must be a mapping of keys to values", where=where)
    try:
        # Through JSON, pydantic's strict mode takes lists for tuples but still no "3" for 3.
        return model.model_validate_json(json.dumps(data, allow_nan=False))
    except RecursionError as error:
        raise DeclarationError("is nested too deeply", where=where) from error
    except ValueError as error:
        if not isinstance(error, ValidationError):
            raise DeclarationError(
                "infinite and NaN numbers are not allowed", where=where
            ) from error
        faults = []
        found = error.errors(include_url=False, include_input=False, include_context=False)
        for fault in [one for one in found if not _echoes(one, found)][:8]:
            message = _PLAIN.get(fault["type"]) or fault["msg"].removeprefix("Value error, ")
            message = message.replace("Input should be", "must be")
            faults.append((_path(fault["loc"]), message))
        path, message = faults[0]
        rest = "".join(f"; {p}: {m}" for p, m in faults[1:])
        raise DeclarationError(
            message + rest, where=f"{where}: {path}" if path else where
        ) from error


def load(model: type[D], path: Path) -> D:
    """Read a YAML file into ``model``."""
    return decode(model, load_yaml(path), where=str(path))


def canonical(value: BaseModel | dict[str, Any] | list[Any]) -> bytes:
    """RFC 8785 canonical JSON. Unset and defaulted fields are written out, so that a default
    that changes in a later version changes the digest too.
    """
    plain = value.model_dump(mode="json", by_alias=True) if isinstance(value, BaseModel) else value
    return rfc8785.dumps(plain)


def digest(value: BaseModel | dict[str, Any] | list[Any]) -> str:
    """SHA-256 of the canonical form, 64 hex digits."""
    return hashlib.sha256(canonical(value)).hexdigest()
