"""Addresses and tokens of REDCap projects: what is one, and where a token may stand."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from gateway.cli.redcap_token import TOKEN_VARIABLE, read_token, source_at
from gateway.errors import SourceError
from gateway.registry.sources.redcap_api import project_at

TOKEN = "0123456789abcdef0123456789ABCDEF"


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("redcap+https://redcap.example.org/api/", "https://redcap.example.org/api/"),
        ("redcap+https://example.org:8443/r/api", "https://example.org:8443/r/api/"),
        ("redcap+http://127.0.0.1:80/api/", "http://127.0.0.1:80/api/"),
        ("redcap+http://[::1]:80/api/", "http://[::1]:80/api/"),
    ],
)
def test_addresses_of_an_api(address: str, url: str) -> None:
    project = project_at(address, TOKEN)
    assert project.url == url
    assert TOKEN not in repr(project)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("redcap+http://redcap.example.org/api/", "over https only"),
        ("redcap+https://redcap.example.org/", "does not end in /api/"),
        (f"redcap+https://redcap.example.org/api/?token={TOKEN}", "more than a place"),
        (f"redcap+https://user:{TOKEN}@redcap.example.org/api/", "more than a place"),
        ("redcap+ftp://redcap.example.org/api/", "no web address"),
        ("redcap+https:///api/", "no web address"),
        ("redcap+https://[::1/api/", "no web address"),
        ("redcap+https://h:port/api/", "no web address"),
    ],
)
def test_what_is_no_such_address(address: str, says: str) -> None:
    with pytest.raises(SourceError, match=says) as caught:
        project_at(address, TOKEN)
    assert TOKEN not in caught.value.message
    assert "redcap+https://" in str(caught.value.hint)


@pytest.mark.parametrize("token", ["", "short", "Z" * 32, TOKEN * 2])
def test_what_is_no_token(token: str) -> None:
    with pytest.raises(SourceError, match="not 32 hexadecimal digits") as caught:
        project_at("redcap+https://redcap.example.org/api/", token)
    assert not token or token not in caught.value.message


def test_a_plain_web_address_is_told_how_to_be_written() -> None:
    with pytest.raises(SourceError) as caught:
        source_at("https://redcap.example.org/api/", None)
    assert "redcap+" in str(caught.value.hint)
    assert source_at("folder/export.csv", None) == Path("folder/export.csv")


def test_where_a_token_comes_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    with pytest.raises(SourceError, match="needs the project's token"):
        read_token(None)
    monkeypatch.setenv(TOKEN_VARIABLE, f" {TOKEN}\n")
    assert read_token(None) == TOKEN
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{TOKEN}\n"))
    assert read_token(Path("-")) == TOKEN
    path = tmp_path / "token"
    path.write_bytes(b"\xef\xbb\xbf" + TOKEN.lower().encode() + b"\r\n")
    path.chmod(0o640)
    with pytest.raises(SourceError, match="may be read by others"):
        read_token(path)
    path.chmod(0o604)
    with pytest.raises(SourceError, match="may be read by others"):
        read_token(path)
    path.chmod(0o600)
    assert read_token(path) == TOKEN.lower()
    path.write_bytes(b"\xff\xfe")
    for wrong in (path, tmp_path / "none", tmp_path):
        with pytest.raises(SourceError):
            read_token(wrong)


def test_a_token_in_place_of_its_file_is_not_repeated() -> None:
    with pytest.raises(SourceError, match="names a token") as refused:
        read_token(Path(TOKEN))
    assert TOKEN not in f"{refused.value} {refused.value.hint}"
