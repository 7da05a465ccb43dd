"""The site's policy as the pages show it: signed and checked, or why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gateway.console.trouble import Trouble, attempt
from gateway.identity.folder import IdentityFolder
from gateway.site.config import SiteFolder
from policies.decode import canonical
from policies.site import SitePolicy

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
    officer = None
    if (site.path / "identity" / "grant.json").is_file():
        officer = IdentityFolder.load(site.path).roster().site(site.config.site).officer
    policy = site.signed_policy(officer)
    if policy is None:
        return Declared(site.policy(), "unsigned")
    written = attempt(site.policy)
    same = isinstance(written, SitePolicy) and canonical(written) == canonical(policy)
    return Declared(policy, "unchecked" if officer is None else "signed", None if same else written)
