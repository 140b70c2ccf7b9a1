"""Numbers as they are spoken."""

import re

_SMALL = [
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_LARGE = ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_CURRENCIES = {"$": ("dollar", "dollars"), "£": ("pound", "pounds"), "€": ("euro", "euros")}

#: Words for small numbers that stand for nothing else.
NUMBER_WORDS = {word: value for value, word in enumerate(_SMALL) if value > 1} | {
    word: 10 * place for place, word in enumerate(_TENS, start=2)
}
_WRITTEN = re.compile(
    r"(?P<currency>[$£€])?(?P<number>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?P<decimals>\.[0-9]+)?"
    r"(?:(?P<ending>st|nd|rd|th|s)\b)?(?P<large>\s(?:hundred|thousand|million|billion|trillion)\b)?"
    r"(?P<percent>\s?%)?",
    re.IGNORECASE,
)


def spoken(number: int) -> str:
    """A whole number from 0 to 999,999,999,999 in words: 342 is "three hundred forty two"."""
    for size, name in _LARGE:
        if number >= size:
            rest = f" {spoken(number % size)}" if number % size else ""
            return f"{spoken(number // size)} {name}{rest}"
    if number < 20:
        return _SMALL[number]
    tens, rest_of_it = _TENS[number // 10 - 2], number % 10
    return f"{tens} {_SMALL[rest_of_it]}" if rest_of_it else tens


def ordinal(number: int) -> str:
    """The same number's place in a row: 21 is "twenty first"."""
    *before, last = spoken(number).split()
    last = _ORDINALS.get(last) or (last[:-1] + "ieth" if last.endswith("y") else last + "th")
    return " ".join([*before, last])


def read_aloud(text: str) -> str:
    """The text with its numbers in words: sums of money, shares, years, times, places in a row."""
    return _WRITTEN.sub(lambda match: _read(text, match), text)


def _read(text: str, match: re.Match[str]) -> str:
    digits = match["number"].replace(",", "")
    words = _cardinal(text, match, digits)
    if decimals := match["decimals"]:
        words += " point " + " ".join(_SMALL[int(digit)] for digit in decimals[1:])
    ending = (match["ending"] or "").lower()
    if ending == "s":
        words = words[:-1] + "ies" if words.endswith("y") else words + "s"
    elif ending and len(digits) <= 12:
        words = ordinal(int(digits))
    words += match["large"] or ""
    if currency := match["currency"]:
        words += " " + _CURRENCIES[currency][words != "one"]
    if match["percent"]:
        words += " percent"
    touches_before = match.start() and text[match.start() - 1].isalnum()
    touches_after = match.end() < len(text) and text[match.end()].isalnum()
    return " " * bool(touches_before) + words + " " * bool(touches_after)


def _cardinal(text: str, match: re.Match[str], digits: str) -> str:
    """A number's words: a year as a year, the minutes of a time, a string of digits one by one."""
    plain = not (match["currency"] or match["decimals"] or match["percent"] or match["large"])
    if plain and len(digits) == 4 and "," not in match["number"] and 1100 <= int(digits) <= 2099:
        return _year(int(digits))
    if len(digits) == 2 and digits[0] == "0" and text[match.start("number") - 1 :][:1] == ":":
        return "o'clock" if digits == "00" else f"oh {_SMALL[int(digits)]}"
    if len(digits) > 12 or (len(digits) > 1 and digits[0] == "0"):
        return " ".join(_SMALL[int(digit)] for digit in digits)
    return spoken(int(digits))


def _year(year: int) -> str:
    century, rest = divmod(year, 100)
    if century == 20 and rest < 10:
        return spoken(year)
    if not rest:
        return f"{spoken(century)} hundred"
    return f"{spoken(century)} {'oh ' if rest < 10 else ''}{spoken(rest)}"
