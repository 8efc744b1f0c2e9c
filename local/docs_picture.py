"""Takes the picture of the contract's page for the documentation: `python -m local.docs_picture`."""

from __future__ import annotations

from functions.public_api import docs
from local import browser
from local.openapi import REPOSITORY

PICTURE = REPOSITORY / "docs" / "api-page.png"
WIDTH, HEIGHT = 1360, 2000


def main() -> None:
    page = docs.page()
    headers = {"Content-Type": page.media_type, **page.headers}
    with browser.serving("/v1/docs", page.text, headers) as served:
        browser.picture(served.url, PICTURE, width=WIDTH, height=HEIGHT)
    print(PICTURE.relative_to(REPOSITORY))


if __name__ == "__main__":
    main()
