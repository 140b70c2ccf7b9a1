"""Attention as one small message to the browser, drawn there on canvases: any length, one matrix at a time.

Only what is on screen travels: the chosen matrix in 8 bits (of long texts its largest weights, or the part
that is looked at), thumbnails of all heads, and the tokens. `HTML`, `STYLE` and `SCRIPT` draw it; they make
no markup of what they are sent, so a token is shown as text whatever it says.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from views.style import FONT, palette

#: The most rows and columns that are sent at once.
MOST_CELLS = 512
#: From so many tokens on, a few strong weights no longer decide how dark all the others are.
_MANY = 32
#: The pixels of a thumbnail, at most, of a row of them, and between two.
_THUMBNAIL, _ROW, _GAP = 24, 288, 3

_HERE = Path(__file__).parent
SCRIPT = (_HERE / "heads.js").read_text(encoding="utf-8")
STYLE = (_HERE / "heads.css").read_text(encoding="utf-8")
HTML = (
    '<div class="assay-attention"><section class="side">'
    '<div class="heads" hidden><p class="title">All heads</p>'
    '<canvas tabindex="0" role="img" aria-label="A small picture of what each head looks at, layers down and '
    'heads across; the arrow keys choose one"></canvas><p class="says" role="status"></p></div>'
    '<p class="hint" hidden>The text as the model reads it. Point at a token to shade what it looks at; a '
    'click keeps it so.</p><div class="passage" hidden></div></section>'
    '<section class="matrix"><div class="line"><p class="title"></p>'
    '<button class="whole" hidden>Whole text</button><button class="png">PNG</button></div>'
    '<p class="says" role="status"></p><canvas role="img"></canvas>'
    '<div class="bar"><div><div class="ramp"></div><div class="ends"><span></span><span></span><span></span>'
    "</div></div></div></section></div>"
)


@dataclass(frozen=True)
class Overview:
    """Thumbnails of every head: each shaded up to its own strongest weight.

    `mosaic` is one uint8 picture, 0 between thumbnails and 1 to 255 inside; thumbnails have `side` pixels.
    """

    layers: int
    heads: int
    side: int
    mosaic: NDArray[np.uint8]

    @classmethod
    def of(cls, weights: NDArray[np.floating]) -> "Overview":
        """From the weights of all heads, (layers, heads, tokens, tokens)."""
        layers, heads, count, _ = weights.shape
        cuts = (np.arange(thumbnail(layers, heads, count)) * count) // thumbnail(layers, heads, count)
        small = [np.maximum.reduceat(np.maximum.reduceat(one, cuts, axis=1), cuts, axis=2) for one in weights]
        return cls.shaded(np.stack(small))

    @classmethod
    def shaded(cls, small: NDArray[np.floating]) -> "Overview":
        """From small pictures, (layers, heads, side, side), as `thumbnail` says.

        Of a block of weights they hold the largest, so that a thin diagonal survives.
        """
        layers, heads, side, _ = small.shape
        largest = small.max(axis=(2, 3), keepdims=True)
        levels = 1 + np.round(254 * small / np.where(largest > 0, largest, 1)).astype(np.uint8)
        padded = np.pad(levels, ((0, 0), (0, 0), (0, _GAP), (0, _GAP)))
        step = side + _GAP
        mosaic = padded.transpose(0, 2, 1, 3).reshape(layers * step, heads * step)
        return cls(layers, heads, side, np.ascontiguousarray(mosaic[:-_GAP, :-_GAP]))


def thumbnail(layers: int, heads: int, count: int) -> int:
    """The side of each small picture, where so many heads look at so many tokens."""
    return max(min(count, _THUMBNAIL, _ROW // max(layers, heads)), 1)


@dataclass(frozen=True)
class Chosen:
    """All heads as an overview, which one (from 0) is framed, and what each does, for hovering."""

    overview: Overview
    layer: int
    head: int
    notes: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Axis:
    """Which tokens stand along one side: `cells` cells of `step` tokens each, `start` to before `end`."""

    start: int
    end: int
    step: int

    @classmethod
    def over(cls, count: int, start: int | None) -> "Axis":
        """The whole text in at most `MOST_CELLS` cells, or as many single tokens around `start`."""
        if start is None or count <= MOST_CELLS:
            return cls(0, count, max(1, -(-count // MOST_CELLS)))
        first = max(0, min(start - MOST_CELLS // 2, count - MOST_CELLS))
        return cls(first, first + MOST_CELLS, 1)

    @property
    def cells(self) -> int:
        """How many cells."""
        return -(-(self.end - self.start) // self.step)

    @cached_property
    def cuts(self) -> NDArray[np.intp]:
        """Where each cell begins, counted from `start`."""
        return np.arange(self.cells) * self.step

    @property
    def written(self) -> dict[str, int]:
        """For the browser."""
        return {"start": self.start, "end": self.end, "step": self.step, "cells": self.cells}


def picture(
    weights: NDArray[np.floating],
    tokens: Sequence[str],
    *,
    title: str,
    alt: str,
    file: str,
    dark: bool,
    columns: Sequence[str] | None = None,
    numbers: Sequence[int] | None = None,
    chosen: Chosen | None = None,
    around: tuple[int, int] | None = None,
    verb: str = "looks",
    signed: bool = False,
) -> bytes:
    """One message for the browser: what `SCRIPT` draws.

    `weights` is (rows, columns): from `tokens` to `columns` (the same tokens unless given). `numbers` are
    the tokens' places in the text, from 1. Of more than `MOST_CELLS` tokens each cell is the largest weight
    of a block, or, with `around` (row, column), the exact weights about that place. With `signed` the
    weights are differences, shown on the diverging scale.

    A weight is sent as a share of its row's largest in 8 bits: off by at most 1/510 of that, which is less
    than 0.002 (1/254 with `signed`).
    """
    down, across = (
        Axis.over(count, None if around is None else around[place])
        for place, count in enumerate((len(tokens), len(tokens if columns is None else columns)))
    )
    shown = _shown(weights, down, across, signed)
    scales = np.abs(shown).max(axis=1, initial=0).astype(np.float32)
    shares = shown / np.where(scales > 0, scales, 1)[:, None]
    levels = (np.round(127 * shares) + 128 if signed else np.round(255 * shares)).astype(np.uint8)
    top = _brightest(np.abs(shown))
    places = list(numbers) if numbers is not None else list(range(1, len(tokens) + 1))
    head: dict[str, object] = {
        "title": title,
        "alt": alt,
        "file": file,
        "verb": verb,
        "tokens": [_sendable(token) for token in tokens],
        "numbers": places,
        "rows": down.written,
        "columns": across.written,
        "text": columns is None,
        "signed": signed,
        "still": False,
        "top": top,
        "bottom": -top if signed else 0.0,
        "clipped": bool(np.abs(shown).max(initial=0) > 1.02 * top),
        "font": FONT,
        "colours": _colours(dark, signed),
        "heads": None if chosen is None else _written(chosen),
    }
    if columns is not None:
        head["others"] = [_sendable(token) for token in columns]
        head["otherNumbers"] = list(range(1, len(columns) + 1))
    mosaic = b"" if chosen is None else chosen.overview.mosaic.tobytes()
    return _packed(head, scales.tobytes() + levels.tobytes() + mosaic)


def still(message: bytes, dark: bool) -> bytes:
    """A picture that was made before, in the colours of one mode; clicks in it open nothing."""
    whole = zlib.decompress(message)
    end = 4 + int.from_bytes(whole[:4], "little")
    head = json.loads(whole[4:end])
    return _packed(head | {"colours": _colours(dark, head["signed"]), "still": True}, whole[end:])


def _colours(dark: bool, signed: bool) -> dict[str, object]:
    colours = palette(dark)
    return {
        "magnitude": list(colours.steps),
        "steps": [colour for _, colour in colours.diverging] if signed else list(colours.steps),
        **{name: getattr(colours, name) for name in ("background", "text", "muted", "border", "accent")},
    }


def _written(chosen: Chosen) -> dict[str, object]:
    """The overview's measures for the browser."""
    overview = chosen.overview
    height, width = overview.mosaic.shape
    return {
        "layers": overview.layers,
        "heads": overview.heads,
        "side": overview.side,
        "step": overview.side + _GAP,
        "width": width,
        "height": height,
        "layer": chosen.layer,
        "head": chosen.head,
        "notes": [[_sendable(note) for note in row] for row in chosen.notes],
    }


def _shown(weights: NDArray[np.floating], down: Axis, across: Axis, signed: bool) -> NDArray[np.floating]:
    """The cells on screen: (rows, columns), each the strongest weight of its block."""
    part = weights[down.start : down.end, across.start : across.end]
    if not part.size or (down.step == 1 and across.step == 1):
        return part

    def strongest(reduce: np.ufunc) -> NDArray[np.floating]:
        return reduce.reduceat(reduce.reduceat(part, down.cuts, axis=0), across.cuts, axis=1)

    largest = strongest(np.maximum)
    if not signed:
        return largest
    least = strongest(np.minimum)
    return np.where(-least > largest, least, largest)


def _brightest(shown: NDArray[np.floating]) -> float:
    """The weight that gets the strongest colour: the largest, or in long texts one that more cells reach.

    Hundreds of thousands of cells beside a few that reach 1 would all look empty.
    """
    count = len(shown)
    if count > _MANY and shown.size > count:
        largest = float(np.partition(shown.ravel(), -count)[-count])
        if largest > 0:
            return largest
    return float(shown.max(initial=0)) or 1.0


def _sendable(text: str) -> str:
    """Text without lone surrogates, which no UTF-8 can carry."""
    return text.encode("utf-8", "replace").decode()


def _packed(head: Mapping[str, object], numbers: bytes) -> bytes:
    """The head's length and its JSON, then the numbers, compressed together."""
    text = json.dumps(head, separators=(",", ":"), ensure_ascii=False).encode()
    return zlib.compress(len(text).to_bytes(4, "little") + text + numbers, 1)
