"""The site's policy as the pages show it: signed and checked, or why not."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import Literal

from gateway.console.trouble import Trouble, attempt
from gateway.errors import SiteError
from gateway.identity.folder import IdentityFolder
from gateway.site.config import SiteFolder
from policies.decode import canonical, decode
from policies.errors import SignatureError
from policies.signing import Signed
from policies.site import SitePolicy, open_policy

__all__ = ["Declared", "read_policy"]


@dataclass(frozen=True)
class Declared:
    """``state``: *signed* by the officer whom the roster names; *unchecked*: signed, but the
    site has not joined a network, so no roster names its officer; *unsigned*: as written, not
    in force. ``draft`` is a policy.yaml that differs from the signed one, or cannot be read.
    """

    policy: SitePolicy
    state: Literal["signed", "unchecked", "unsigned"]
    draft: SitePolicy | Trouble | None = None


def read_policy(site: SiteFolder) -> Declared:
    """Read it as the node would. SignatureError if another key signed it."""
    path = site.path / "policy.signed.json"
    if not path.is_file():
        return Declared(site.policy(), "unsigned")
    signed = Signed.from_bytes(path.read_bytes())
    name = site.config.site
    if (site.path / "identity" / "grant.json").is_file():
        officer = IdentityFolder.load(site.path).roster().site(name).officer
        policy, checked = open_policy(signed, officer), True
    else:
        policy, checked = _unchecked(signed, path.name), False
    if policy.site != name:
        raise SiteError(
            f"{path.name} is the policy of another site",
            hint=f"osteon policy sign {shlex.quote(str(site.path))}",
        )
    written = attempt(site.policy)
    same = isinstance(written, SitePolicy) and canonical(written) == canonical(policy)
    return Declared(policy, "signed" if checked else "unchecked", None if same else written)


def _unchecked(signed: Signed, where: str) -> SitePolicy:
    try:
        plain = json.loads(signed.payload)
    except ValueError as error:
        raise SignatureError(f"{where}: not a signed policy") from error
    return decode(SitePolicy, plain, where=where)
