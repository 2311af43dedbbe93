"""Settings of the peer: everything as the libraries set it, the role that no policy holds back."""

import os
from typing import Any

from config.settings import *  # noqa: F403
from config.settings import DATABASES
from tests.benchmarks.stock.settings import MIDDLEWARE  # noqa: F401

INSTALLED_APPS = [
    "tests.benchmarks.plain.apps.Plain",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "oauth2_provider",
    "rest_framework",
]
ROOT_URLCONF = "tests.benchmarks.plain.urls"
_owner, _pool = DATABASES["owner"], DATABASES["default"]["OPTIONS"]["pool"]
# Its own schema alone while it is made, so that it makes tables that we have as well.
_path = os.environ.get("PLAIN_PATH", "plain,public")
DATABASES = {
    "default": {
        **_owner,
        "OPTIONS": _owner["OPTIONS"] | {"pool": _pool, "options": f"-c search_path={_path}"},
    }
}
DATABASE_ROUTERS: list[str] = []
AUTH_USER_MODEL = "auth.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
SESSION_ENGINE = "django.contrib.sessions.backends.db"
OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"
OAUTH2_PROVIDER: dict[str, Any] = {"SCOPES": {"read": "Read", "write": "Write"}}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "oauth2_provider.contrib.rest_framework.OAuth2Authentication"
    ],
    "DEFAULT_PERMISSION_CLASSES": ["oauth2_provider.contrib.rest_framework.TokenHasReadWriteScope"],
    "DEFAULT_THROTTLE_CLASSES": [],
}
SILENCED_SYSTEM_CHECKS = ["admin.E404", "admin.W411"]
