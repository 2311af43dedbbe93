"""Settings, all of them, from the environment (README, "Run it for real")."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

import dj_database_url
import dj_email_url
from django.utils.csp import CSP
from environs import Env, validate

from config.access.scopes import SCOPES
from config.database import embedded

env = Env()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("REGULARS_DATA", "") or BASE_DIR / "var").expanduser().resolve()
DEBUG = env.bool("REGULARS_DEBUG", False)
VERSION = "0.1.0"


def _kept_secret() -> str:
    """Return this installation's own secret, made once and readable by its owner only."""
    file = DATA_DIR / "secret_key"
    if not file.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        made = DATA_DIR / f"secret_key.{os.getpid()}"
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT, 0o600), "w") as handle:
            handle.write(secrets.token_urlsafe(50))
        # Of two first starts at once one makes it, whole, and both read the same.
        with suppress(FileExistsError):
            os.link(made, file)
        made.unlink()
    return file.read_text().strip()


SECRET_KEY = env.str("REGULARS_SECRET_KEY", "") or _kept_secret()
ALLOWED_HOSTS = env.list("REGULARS_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("REGULARS_ORIGINS", [])
PUBLIC_URL = env.str("REGULARS_URL", "http://localhost:8000").rstrip("/")

# --- What it is made of -------------------------------------------------------------------------

INSTALLED_APPS = [
    "config.access",
    "config.jobs",
    "config.changes",
    "customers",
    "billing",
    "credits",
    "bookings",
    "config.home",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "config.admin.apps.BackOfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "oauth2_provider",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "procrastinate.contrib.django",
    "config.server",
]

MIDDLEWARE = [
    "config.api.middleware.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.csp",
            ],
        },
    },
]

# --- The database: two roles, two URLs ----------------------------------------------------------

THREADS: int = env.int("REGULARS_THREADS", 8, validate=validate.Range(1, 150))

# The server of our own, None where the environment names another.
EMBEDDED = (
    None
    if env.str("DATABASE_URL", "")
    else embedded(DATA_DIR, durable=not env.bool("REGULARS_THROWAWAY", False))
)


def _database(name: str, fallback: str | None) -> dict[str, Any]:
    given = env.str(name, "")
    if bool(given) is bool(fallback):
        raise SystemExit(
            "Of DATABASE_URL and DATABASE_OWNER_URL only one is set: the software runs as one role "
            "and migrates as another. Set both, or neither to use the embedded PostgreSQL."
        )
    url = given or fallback or ""
    try:
        parsed = dj_database_url.parse(url, engine="django.db.backends.postgresql", conn_max_age=0)
    except ValueError:
        raise SystemExit(
            f"{name} is no address of a database, such as postgresql://role:password@host/name."
        )
    default = {"application_name": "regulars", "connect_timeout": 10}
    options = {**default, **parsed.get("OPTIONS", {})}
    return {**parsed, "OPTIONS": options}


DATABASES = {
    "default": _database("DATABASE_URL", EMBEDDED.runtime_url if EMBEDDED else None),
    "owner": _database("DATABASE_OWNER_URL", EMBEDDED.owner_url if EMBEDDED else None),
}
DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": THREADS + 2, "timeout": 10}
DATABASES["default"]["TEST"] = {"MIRROR": "owner"}
DATABASE_ROUTERS = ["config.access.roles.Roles"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Getting in ---------------------------------------------------------------------------------

AUTH_USER_MODEL = "access.Staff"
LOGIN_URL = "admin:login"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "config.access.hashers.SecretHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_AGE = 8 * 3600

OAUTH2_PROVIDER_APPLICATION_MODEL = "access.ApiClient"
OAUTH2_PROVIDER = {
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "CLIENT_SECRET_HASHER": "regulars_secret",
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.BackendApplicationServer",
    "OAUTH2_VALIDATOR_CLASS": "config.access.oauth.TokenValidator",
    "SCOPES": SCOPES,
    "SCOPES_BACKEND_CLASS": "config.access.oauth.ClientScopes",
}

# --- The API ------------------------------------------------------------------------------------

MAX_BODY_BYTES = 1_048_576
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1_048_576

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["config.api.authentication.Credential"],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_SCHEMA_CLASS": "config.api.schema.OperationSchema",
    "EXCEPTION_HANDLER": "config.api.errors.answer_refusal",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Regulars",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.1",
    "DESCRIPTION": "One customer record behind four documented surfaces.",
    "LICENSE": {"name": "MIT", "identifier": "MIT"},
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "SORT_OPERATIONS": False,
    "POSTPROCESSING_HOOKS": ["config.api.schema.complete_document"],
}

# --- Mail, background work ----------------------------------------------------------------------


def _mailer(url: str) -> dict[str, Any]:
    """Return how mail leaves: `smtp://user:password@host:587/?tls=True`, `file:`, `console:`."""
    mail = dj_email_url.parse(url)
    named = {
        "host": mail["EMAIL_HOST"],
        "port": mail["EMAIL_PORT"],
        "username": mail["EMAIL_HOST_USER"],
        "password": mail["EMAIL_HOST_PASSWORD"],
        "use_tls": mail["EMAIL_USE_TLS"],
        "use_ssl": mail["EMAIL_USE_SSL"],
        "timeout": 20,
    }
    backend = mail["EMAIL_BACKEND"]
    if backend.endswith("filebased.EmailBackend"):
        named = {"file_path": "/" + mail["EMAIL_FILE_PATH"].lstrip("/")}
    elif not backend.endswith("smtp.EmailBackend"):
        named = {}
    return {"BACKEND": backend, "OPTIONS": named}


MAILERS = {"default": _mailer(env.str("REGULARS_EMAIL_URL", "console:"))}
DEFAULT_FROM_EMAIL = env.str("REGULARS_EMAIL_FROM", "Regulars <no-reply@localhost>")

# --- Words, static files, transport -------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "config/admin/static"]
# Served from the packages themselves: nothing to collect before a start, nothing to forget.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

_secure = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _secure
SESSION_COOKIE_HTTPONLY = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _secure else None
SECURE_HSTS_SECONDS = 31_536_000 if _secure else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Unfold's Alpine evaluates expressions and writes style attributes; the nonce covers its scripts.
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE, CSP.UNSAFE_EVAL],
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("REGULARS_LOG_LEVEL", "WARNING")},
    # What a client gets wrong is told to the client; the log is for what we get wrong.
    "loggers": {"django.request": {"level": "ERROR"}},
}

FAVICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E"
    "%3Crect width='8' height='8' rx='2' fill='%239810fa'/%3E%3C/svg%3E"
)
UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Regulars",
    "SITE_HEADER": "Regulars",
    "SITE_SUBHEADER": "Customers who come back",
    "SITE_SYMBOL": "diversity_1",
    "SITE_URL": "",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": FAVICON}],
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
}
