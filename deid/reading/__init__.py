"""A note as a reader sees it: what disguises letters is undone, with the way back to the source."""
