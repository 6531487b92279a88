"""A figure that a notebook shows by itself."""

from __future__ import annotations

from io import BytesIO

from matplotlib.figure import Figure


class Chart(Figure):
    """A matplotlib figure that needs no pyplot to be shown in a notebook."""

    def _repr_png_(self) -> bytes:
        picture = BytesIO()
        self.savefig(picture, format="png", dpi=self.get_dpi() / 2)
        return picture.getvalue()
