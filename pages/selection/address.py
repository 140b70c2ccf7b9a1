"""The shared choice of model, data and row, and how it stands in the URL."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from pages.selection import slices

#: With more examples than this, a stratified sample stands for the data until the user asks for more.
USUAL_EXAMPLES = 1000
#: A longer text of one's own is kept for the visit, not in the link (browsers and servers cut long URLs).
LONGEST_LINKED_TEXT = 4000


@dataclass(frozen=True)
class Selection:
    """What every page looks at.

    `row` is an example's id; `text` is a text of the user's own, which then stands in the row's place.
    `label_map` maps the data's label names to the model's. `examples` is the largest number of
    examples to use (0: all of them). `among` is a slice of the data, the ids of some rows, that pages step
    through in place of all.
    """

    model: str = "bundled:sentiment"
    data: str = "bundled:reviews"
    row: str | None = None
    device: str = "auto"
    dtype: str = "auto"
    text: str | None = None
    text_column: str | None = None
    label_column: str | None = None
    label_map: tuple[tuple[str, str], ...] = ()
    examples: int = USUAL_EXAMPLES
    among: tuple[str, ...] = ()

    @property
    def model_part(self) -> tuple[str, str, str]:
        """What decides which model is loaded."""
        return self.model, self.device, self.dtype

    @property
    def data_part(self) -> tuple[object, ...]:
        """What decides which examples are loaded."""
        return self.data, self.text_column, self.label_column, self.label_map, self.examples

    def with_model_of(self, other: "Selection") -> "Selection":
        """This selection with the model, device and dtype of another."""
        return replace(self, model=other.model, device=other.device, dtype=other.dtype)

    def with_data_of(self, other: "Selection") -> "Selection":
        """This selection with the data, columns, label map, number of examples and slice of another."""
        return replace(
            self,
            data=other.data,
            text_column=other.text_column,
            label_column=other.label_column,
            label_map=other.label_map,
            examples=other.examples,
            among=other.among,
        )


#: The names in the URL that belong to the shared selection; a page's own options may not use them.
SHARED = (
    "model",
    "data",
    "row",
    "text",
    "device",
    "dtype",
    "text_column",
    "label_column",
    "label_map",
    "examples",
    "among",
)


def to_params(selection: Selection) -> dict[str, str]:
    """The selection as URL parameters; what has its usual value is left out, but for model and data."""
    params = {"model": selection.model, "data": selection.data}
    if selection.text is not None:
        if len(selection.text) <= LONGEST_LINKED_TEXT:
            params["text"] = selection.text
    elif selection.row is not None:
        params["row"] = selection.row
    for name in ("device", "dtype"):
        if getattr(selection, name) != "auto":
            params[name] = getattr(selection, name)
    for name in ("text_column", "label_column"):
        if getattr(selection, name):
            params[name] = getattr(selection, name)
    if selection.label_map:
        params["label_map"] = urlencode(selection.label_map)
    if selection.examples != USUAL_EXAMPLES:
        params["examples"] = str(selection.examples)
    if selection.among:
        params["among"] = slices.written(selection.among)
    return params


def from_params(params: Mapping[str, str], base: Selection) -> tuple[Selection, list[str]]:
    """The selection that a URL asks for, on top of the one in use, and what in it made no sense.

    A URL that names a model speaks for device and dtype too, one that names data for its columns,
    map and size; any of the shared names speaks for row and text. A URL with none changes nothing.
    """
    if not any(name in params for name in SHARED):
        return base, []
    problems = []
    text = params.get("text")
    wanted = replace(base, row=None if text is not None else params.get("row") or None, text=text)
    if params.get("model"):
        wanted = replace(wanted, model=params["model"].strip(), device="auto", dtype="auto")
    wanted = replace(
        wanted,
        device=params.get("device") or wanted.device,
        dtype=params.get("dtype") or wanted.dtype,
    )
    if params.get("data"):
        wanted = wanted.with_data_of(Selection(data=params["data"].strip()))
    among = slices.read(params.get("among", ""), base.among)
    if among is None:
        problems.append("The slice of this link is no longer kept; all rows are shown instead.")
    wanted = replace(wanted, among=among or ())
    if params.get("text_column"):
        wanted = replace(wanted, text_column=params["text_column"])
    if params.get("label_column"):
        wanted = replace(wanted, label_column=params["label_column"])
    if params.get("label_map"):
        pairs = tuple(parse_qsl(params["label_map"], keep_blank_values=True, max_num_fields=200))
        wanted = replace(wanted, label_map=pairs)
    if "examples" in params:
        # isdecimal alone lets through digits of other scripts, which int() reads as well: harmless.
        if params["examples"].isdecimal() and len(params["examples"]) <= 9:
            wanted = replace(wanted, examples=int(params["examples"]))
        else:
            problems.append(
                f"The link asks for “{params['examples'][:40]}” examples, which is no number; "
                f"at most {USUAL_EXAMPLES} are used."
            )
    return wanted, problems
