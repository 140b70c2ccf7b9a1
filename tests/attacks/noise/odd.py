"""Odd texts for tests: whatever Unicode has, in the mixtures that break programs."""

from hypothesis import strategies as st

#: Pieces that a random string is unlikely to hold.
PIECES = (
    "The Film was not very good, I'd say", " ", "  ", "\n", "\r\n", "\x00", "\u2028", "\ud83d", "\udc00",
    "e\u0301", "\u0301", "a\u0328\u0301\u0302", "ế", "İ", "ß", "ŉ", "Ǆ", "ﬁ", "ΑΣ", "Ёлка",
    "日本語。", "각", "\u1112\u1161\u11ab", "क्षि", "\u0600 ", "السَّلام، عليكم؟", "שָׁלוֹם",
    "\u202eabc\u202c", "\u2066x\u2069", "\u200d", "\u200b", "\ufe0f", "ｆｕｌｌ", "𝔴𝔦𝔡𝔢",
    "👩🏽‍🚀", "👩‍👩‍👧", "🏳️‍🌈", "🇩🇪🇫🇷", "❤️", "😀",
    "It's a colour TV; the color isn't great. ", "I do not believe Mr Smith paid 12 dollars in London! ",
    "their two kids are definitely gonna love this movie, aren't they? ", "no ", "very ", "very ",
    "We came late. Nobody minded! Was it good? ", "The department has no information until February. ",
    "rn cl vv", "USA", "don't", "3.5", "!?", ":)", "...", "http://x.y/?q=1#a", "@me #tag",
)  # fmt: skip
odd_texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=14).map("".join)
