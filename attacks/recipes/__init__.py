"""Attack recipes: TextAttack's own, built around any classifier."""
