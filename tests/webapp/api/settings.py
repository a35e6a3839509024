"""Changes settings of an application that is built already."""

from dataclasses import replace
from typing import Any

from flask import Flask


def change(app: Flask, **changes: Any) -> None:
    app.config["LAUREL"] = replace(app.config["LAUREL"], **changes)
