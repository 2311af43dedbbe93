"""The ASGI application: `granian --interface asginl config.asgi:application`."""

from config.wsgi import application as answer  # isort: skip - this sets Django up
from config.server.asgi.application import WebApplication

application = WebApplication(answer)
