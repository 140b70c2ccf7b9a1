"""A page run as app.py runs it, without a browser."""

from streamlit.testing.v1 import AppTest


def one_run(page: str) -> None:
    """A fresh module in every run, between what the URL says and what it is to say."""
    import runpy

    from pages import selection

    selection.follow(page)
    if not selection.is_settled():
        selection.settle()
    selection.write_address()
    runpy.run_path(f"pages/{page}.py")
    selection.write_address()


def opened(page: str, **params: str) -> AppTest:
    """A page as a link with these parameters opens it."""
    app = AppTest.from_function(one_run, default_timeout=300, args=(page,))
    for name, value in params.items():
        app.query_params[name] = value
    return ran(app)


def ran(app: AppTest) -> AppTest:
    """The page run once more; nothing on it may break."""
    app.run()
    assert not app.exception, app.exception
    return app


def shown(app: AppTest) -> str:
    """All HTML of the page."""
    return " ".join(element.proto.body for element in app.get("html"))
