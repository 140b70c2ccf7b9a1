"""What the entries of many recipes have in common."""

FLIP = "Make the model give any label but the true one."
STOP_WORDS = "stop words stay"
EACH_ONCE = "each word once"
