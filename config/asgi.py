"""The ASGI application: `granian --interface asginl config.asgi:application`."""

from config.wsgi import application as answer  # isort: skip - this sets Django up
from config.server.asgi.application import WebApplication
from config.server.entry import open_connections

application = WebApplication(answer)
open_connections()
