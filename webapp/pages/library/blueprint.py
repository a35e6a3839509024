"""The blueprint of the library; its routes stand in the modules beside this one."""

from flask import Blueprint

blueprint = Blueprint("library", __name__)
