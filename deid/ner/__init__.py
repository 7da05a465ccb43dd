"""The project's own name recogniser for clinical notes: weights that ship, and their recipe."""

from importlib import resources
from pathlib import Path

__all__ = ["SHIPPED"]

# The folder of the pipeline that the profiles call "osteon_ner".
SHIPPED = Path(str(resources.files("deid").joinpath("ner", "model")))
