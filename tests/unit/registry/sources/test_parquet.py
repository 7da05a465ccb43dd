"""Parquet files that are small because they repeat themselves."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gateway.errors import SourceError
from gateway.registry.sources.detect import inspect
from gateway.registry.sources.parquet import ParquetTable
from tests.unit.registry.valve import dictionary, sitemap


def opened(path: Path) -> ParquetTable:
    source = inspect(path, sitemap("source: table"), dictionary())
    assert isinstance(source, ParquetTable)
    return source


@pytest.mark.parametrize("kept", [True, False])
def test_a_small_file_of_endless_text_is_refused_before_it_takes_memory(
    tmp_path: Path, kept: bool
) -> None:
    texts = pa.array(["x" * (1 << 20)], pa.string()).dictionary_encode()
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 4000, pa.int32()), texts.dictionary)
    # Without the Arrow schema the column is read as plain text.
    path = tmp_path / "a.parquet"
    codes = pa.array(["A"] * 4000)
    pq.write_table(pa.table({"code": codes, "remark": column}), path, store_schema=kept)
    assert path.stat().st_size < 1 << 20
    before = pa.total_allocated_bytes()
    rows = opened(path).rows()
    next(rows)
    assert pa.total_allocated_bytes() - before < 64 << 20
    with pytest.raises(SourceError, match="unpacks to more than 200 times its size"):
        list(rows)


def test_texts_with_gaps_and_numbers_in_dictionaries_are_read(tmp_path: Path) -> None:
    numbers = pa.array([1.5, None, 1.5]).dictionary_encode()
    texts = pa.array(["A", "B", None])
    pq.write_table(pa.table({"code": texts, "height": numbers}), tmp_path / "a.parquet")
    rows = [list(cells) for _, cells in opened(tmp_path / "a.parquet").rows()]
    assert rows == [["A", "1.5"], ["B", None], [None, "1.5"]]
