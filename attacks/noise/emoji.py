"""Emoji: added, in place of words, and spelt out."""

import random
import unicodedata
from collections.abc import Iterator

import regex

from attacks.noise.base import Edit, Noise, noise_entry
from attacks.noise.positions import clusters, spelled
from attacks.noise.sources import HATEMOJI, NL_AUGMENTER

#: Emoji of things that nobody praises or blames by them.
NEUTRAL = ("📌", "📎", "🔖", "📍", "🕒", "📅", "📄", "🔷", "🔵", "📐", "🗂️", "🧾")

#: Words that an emoji shows, and that mean little else.
PICTURES = {
    "airport": "🛫", "angry": "😠", "baby": "👶", "beach": "🏖️", "beer": "🍺", "bicycle": "🚲",
    "bike": "🚲", "bird": "🐦", "birthday": "🎂", "book": "📖", "books": "📚", "bus": "🚌",
    "cake": "🍰", "camera": "📷", "car": "🚗", "cat": "🐱", "chocolate": "🍫", "christmas": "🎄",
    "clown": "🤡", "coffee": "☕", "computer": "💻", "cry": "😢", "crying": "😭", "dog": "🐶",
    "email": "📧", "eyes": "👀", "film": "🎬", "films": "🎬", "fish": "🐟", "flower": "🌸",
    "flowers": "💐", "football": "⚽", "ghost": "👻", "gift": "🎁", "guitar": "🎸", "happy": "😊",
    "heart": "❤️", "home": "🏠", "horse": "🐴", "hospital": "🏥", "hotel": "🏨", "house": "🏠",
    "king": "👑", "kiss": "💋", "laugh": "😂", "laughing": "😂", "lightning": "⚡", "lion": "🦁",
    "love": "❤️", "money": "💰", "monkey": "🐵", "moon": "🌙", "mountain": "⛰️", "movie": "🎬",
    "movies": "🎬", "music": "🎵", "night": "🌙", "ocean": "🌊", "party": "🎉", "phone": "📱",
    "piano": "🎹", "pizza": "🍕", "plane": "✈️", "rain": "🌧️", "rainbow": "🌈", "restaurant": "🍽️",
    "robot": "🤖", "rocket": "🚀", "sad": "😢", "scary": "😱", "school": "🏫", "skull": "💀",
    "sleep": "😴", "smile": "😊", "snow": "❄️", "song": "🎵", "sun": "☀️", "tea": "🍵",
    "television": "📺", "tree": "🌳", "tv": "📺", "umbrella": "☂️", "violin": "🎻", "wine": "🍷",
    "world": "🌍",
}  # fmt: skip

_EMOJI = regex.compile(r"(?!\p{Regional_Indicator})\p{Emoji_Presentation}|\p{Extended_Pictographic}\X*\ufe0f")
_PICTOGRAPH = regex.compile(r"\p{Extended_Pictographic}")
#: In the names of old symbols these say how one is drawn, not its colour: ❤ is "heavy black heart".
_DRAWN = {"BLACK", "WHITE", "HEAVY"}


def spelt_out(emoji: str) -> str:
    """What an emoji shows, in words, by the names of its parts; empty for a character that is no emoji."""
    if not _EMOJI.match(emoji):
        return ""
    names = (unicodedata.name(part, "") for part in emoji if _PICTOGRAPH.match(part))
    return " ".join(word for name in names for word in name.split() if word not in _DRAWN).lower()


class AddedEmoji(Noise):
    """Puts emoji behind the text that neither praise nor blame."""

    unit = "words"
    entry = noise_entry(
        "added-emoji",
        "Added emoji",
        "Emoji that neither praise nor blame, such as 📎, come in behind the text.",
        NL_AUGMENTER,
        "Emoji and symbols",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """As many emoji as there are words."""
        return (Edit(len(text), len(text), f" {rng.choice(NEUTRAL)}") for _ in text.split())


class EmojiForWords(Noise):
    """Puts pictures in place of words."""

    unit = "words"
    entry = noise_entry(
        "emoji-for-words",
        "Emoji for words",
        f"Words become the emoji that shows them: film 🎬, love ❤️; {len(PICTURES)} English words have one.",
        HATEMOJI,
        "Emoji and symbols",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every word that has a picture, as that."""
        for start, end in spelled(text):
            if picture := PICTURES.get(text[start:end].lower()):
                yield Edit(start, end, picture)


class WordsForEmoji(Noise):
    """Spells emoji out."""

    unit = "words"
    entry = noise_entry(
        "words-for-emoji",
        "Words for emoji",
        "Emoji are spelt out by their Unicode names, as tools do that clean text: 🎬 becomes clapper board.",
        HATEMOJI,
        "Emoji and symbols",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every emoji but flags of countries, in words; with spaces where it touches others."""
        for start, end in clusters(text):
            if name := spelt_out(text[start:end]):
                before = " " if start and not text[start - 1].isspace() else ""
                after = " " if end < len(text) and not text[end].isspace() else ""
                units = len(name.split()) + len(before) + len(after)
                yield Edit(start, end, before + name + after, units)


NOISES: tuple[Noise, ...] = (AddedEmoji(), EmojiForWords(), WordsForEmoji())
