"""Drawing a figure once for both of its files: pixels and paths share one layout."""

from __future__ import annotations

from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.image import imsave
from matplotlib.transforms import Affine2D, Transform, TransformedPath

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SVG_DPI = 72
"""Units of an SVG file per inch."""
LAYOUT = ("get_canvas_width_height", "get_text_width_height_descent", "points_to_pixels")
"""Methods of a renderer that the renderer of pixels answers for both."""
GROUPS = ("open_group", "close_group")
"""Methods of a renderer that concern the renderer of paths only."""


def write_figure(figure: Figure, path: Path, dpi: int) -> list[Path]:
    """Write a figure as PNG and as SVG, and return the files.

    The layout of text and ticks costs more than drawing them; `Figure.savefig` would compute it
    once for each file.

    Parameters
    ----------
    figure
        The figure; its resolution is set to `dpi`.
    path
        Path of both files without their endings ``.png`` and ``.svg``.
    dpi
        Pixels per inch of the PNG file.

    Returns
    -------
    list of Path
        The PNG file and the SVG file.
    """
    png, svg = (path.with_name(f"{path.name}.{ending}") for ending in ("png", "svg"))
    figure.set_dpi(dpi)
    with svg.open("w", encoding="utf-8") as file:
        both = _Both(figure, dpi, file)
        figure.draw(both)
        both.paths.finalize()
    pixels = both.pixels.buffer_rgba()
    imsave(png, pixels, format="png", dpi=dpi, pil_kwargs={"compress_level": 1})
    return [png, svg]


class _Both(RendererBase):
    """Draws pixels, and the same at its own scale as paths."""

    def __init__(self, figure: Figure, dpi: int, svg: IO[str]) -> None:
        super().__init__()
        width, height = figure.get_size_inches()
        self.pixels: Any = RendererAgg(width * dpi, height * dpi, dpi)  # type: ignore[no-untyped-call]
        self.paths: Any = RendererSVG(  # type: ignore[no-untyped-call]
            width * SVG_DPI, height * SVG_DPI, svg, metadata={"Date": None}
        )
        self.scale = SVG_DPI / dpi
        self.to_paths = Affine2D().scale(self.scale)
        for renderer, names in ((self.pixels, LAYOUT), (self.paths, GROUPS)):
            for name in names:
                setattr(self, name, getattr(renderer, name))

    def draw_path(
        self,
        gc: GraphicsContextBase,
        path: Any,
        transform: Transform,
        rgbFace: Any = None,  # noqa: N803  (matplotlib's name)
    ) -> None:
        self.pixels.draw_path(gc, path, transform, rgbFace)
        self.paths.draw_path(self._scaled(gc), path, transform + self.to_paths, rgbFace)

    def draw_markers(
        self,
        gc: GraphicsContextBase,
        marker_path: Any,
        marker_trans: Transform,
        path: Any,
        trans: Transform,
        rgbFace: Any = None,  # noqa: N803
    ) -> None:
        self.pixels.draw_markers(gc, marker_path, marker_trans, path, trans, rgbFace)
        small, places = marker_trans + self.to_paths, trans + self.to_paths
        self.paths.draw_markers(self._scaled(gc), marker_path, small, path, places, rgbFace)

    def draw_text(
        self, gc: GraphicsContextBase, x: float, y: float, *text: Any, **options: Any
    ) -> None:
        self.pixels.draw_text(gc, x, y, *text, **options)
        x, y = x * self.scale, y * self.scale
        self.paths.draw_text(self._scaled(gc), x, y, *text, **options)

    def _scaled(self, gc: GraphicsContextBase) -> GraphicsContextBase:
        """Return a context that clips at the scale of paths; widths are in points in both."""
        scaled = self.new_gc()
        scaled.copy_properties(gc)
        rectangle, (outline, transform) = gc.get_clip_rectangle(), gc.get_clip_path()
        if rectangle is not None:
            scaled.set_clip_rectangle(rectangle.transformed(self.to_paths))
        if outline is not None and transform is not None:
            outline = TransformedPath(outline, transform + self.to_paths)  # type: ignore[arg-type]
            scaled.set_clip_path(outline)
        return scaled
