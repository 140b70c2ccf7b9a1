"""Perturbations and attacks: what they are, what they need, and the engine that runs them."""
