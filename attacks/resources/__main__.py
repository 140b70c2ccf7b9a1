"""`python -m attacks.resources`: what published recipes need; `… get NAME` downloads one of them."""

import argparse

from attacks.resources import tagger, wordnet
from attacks.resources.published import RESOURCES


def main() -> None:
    """Lists the resources, or fetches one."""
    parser = argparse.ArgumentParser(prog="python -m attacks.resources", description=__doc__)
    parser.add_argument("action", nargs="?", choices=["list", "get"], default="list")
    parser.add_argument("name", nargs="?", choices=list(RESOURCES))
    chosen = parser.parse_args()
    if chosen.action == "get":
        if chosen.name is None:
            parser.error(f"get what? One of {', '.join(RESOURCES)}.")
        RESOURCES[chosen.name].fetch()
        return
    for need in (wordnet.NEED, tagger.NEED, *(found.need for found in RESOURCES.values())):
        print(f"{need.name}: {'here' if need.present() else need.remedy}")


if __name__ == "__main__":
    main()
