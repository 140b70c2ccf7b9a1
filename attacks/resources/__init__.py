"""What recipes need beside the model: TextAttack itself, word lists, WordNet, a tagger, embeddings."""

from attacks.resources.importing import STOP_WORDS, import_textattack, stop_words_sha256

__all__ = ["STOP_WORDS", "import_textattack", "stop_words_sha256"]
