"""Numbers as they stand on the screen and in reports: two digits are usually enough; no rate without n."""

import re

#: The spaces within a figure: before its unit, after `n =`, and between the ends of an interval.
_WITHIN = re.compile(
    r"(?<=\d) (?=(?:%|points?|ms|s|kB|MB|GB|TB)(?!\w))|(?<=\bn) (?==)|(?<=[<=±]) (?=\d)"
    r"|(?<=\d,) (?=[-+\u2212]?\d+(?:\.\d+)?\])"
)


def unbroken(text: str) -> str:
    """A text whose figures stay on one line: `95 %`, `3.6 points`, `[−0.7, 7.8]`, `n = 500`, `< 0.001`."""
    return _WITHIN.sub("\u00a0", text)


def kept_whole(html: str) -> str:
    """Escaped HTML whose figures stay on one line, its text as it was: no tag holds a figure of its own."""

    def whole(found: re.Match[str]) -> str:
        return f'<span style="white-space:nowrap">{found[0]}</span>'.replace("\u00a0", " ")

    return re.sub(r"[^ <>]*\u00a0[^ <>]*", whole, unbroken(html))


def percent(share: float, digits: int = 1) -> str:
    """A share from 0 to 1 as `88.3 %`."""
    return f"{100 * share:.{digits}f} %"


def share_ticks(low: float) -> dict[str, list[float] | list[str]]:
    """Ticks of a Plotly axis from a share `low` to 1, written as in text; Plotly's own lack the space."""
    step = 20 if low < 0.5 else 10 if low < 0.8 else 5
    marks = range(0, 101, step)
    return {"tickvals": [mark / 100 for mark in marks], "ticktext": [f"{mark} %" for mark in marks]}


def rate(share: float, low: float, high: float, count: int | None = None) -> str:
    """A share with its interval and denominator: `88.3 % [84.3, 91.4], n = 312`."""
    written = f"{percent(share)} [{100 * low:.1f}, {100 * high:.1f}]"
    return written if count is None else f"{written}, n = {grouped(count)}"


def plain_number(value: float) -> str:
    """A number of any size in three digits: `0.125`, `−3.7`."""
    return f"{value:.3g}".replace("-", "−")


def between(value: float, low: float, high: float) -> str:
    """A number of any size with its interval: `0.125 [0.11, 0.14]`."""
    return f"{plain_number(value)} [{plain_number(low)}, {plain_number(high)}]"


def grouped(number: int) -> str:
    """A whole number with thin spaces between thousands: `22 713 986`."""
    return f"{number:,}".replace(",", "\u202f")


def memory(size: int) -> str:
    """A size in bytes as `87 MB` (powers of 1,000, three digits at most)."""
    if size < 1000:
        return f"{size} B"
    value = float(size)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 999.5:
            return f"{value:.3g} {unit}"
    return f"{value / 1000:.3g} TB"


def duration(seconds: float) -> str:
    """A waiting time as `8 s`, `2 min 5 s` or `1 h 3 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{max(whole, 1)} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
