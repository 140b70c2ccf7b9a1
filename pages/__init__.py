"""One file a page: read the choices, call one layer down, draw."""
