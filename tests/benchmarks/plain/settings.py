"""Settings of the peer: the libraries' defaults, and the role that bypasses row-level security."""

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
# The setup uses its own schema alone, so that it also creates the tables that `public` has.
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
