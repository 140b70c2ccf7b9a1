"""Where rows are made other than in this machine's own processes: on a Ray cluster."""


class ExecutorError(ValueError):
    """A cluster that cannot be used. The message says what is wrong and what to do."""
