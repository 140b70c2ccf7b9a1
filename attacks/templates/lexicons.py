"""Fillers that every suite may use, from the lists that the counterfactuals rest on."""

from functools import cache

from attacks.counterfactuals.base import table


@cache
def lexicons() -> dict[str, tuple[str, ...]]:
    """Names of slots and their fillers.

    `name`, `female_name`, `male_name` and `surname` hold names of all origins; `name_ORIGIN` and
    `surname_ORIGIN` those of one (`name_african_american`); `nationality` adjectives; `religion` likewise.
    """
    found: dict[str, list[str]] = {}
    for origin, kind, written in table("names"):
        names, group = written.split(), origin.lower().replace(" ", "_")
        if kind == "surname":
            slots = ["surname", f"surname_{group}"]
        else:
            slots = ["name", f"{kind}_name", f"name_{group}"]
        for slot in slots:
            found.setdefault(slot, []).extend(names)
    found["nationality"] = [adjective for _, adjective, _ in table("nations")]
    found["religion"] = list(next(row[1:] for row in table("faiths") if row[0] == "adjective"))
    return {slot: tuple(names) for slot, names in found.items()}
