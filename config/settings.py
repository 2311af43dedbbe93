"""Settings, all of them, from the environment (`templates/docs/operating/02-settings.md`)."""

from pathlib import Path
from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from environs import validate

from config.access.scopes import SCOPES
from config.browser_policies import NOTHING
from config.database import embedded
from config.environment import database, env, kept_secret, mailer, networks, pool

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("REGULARS_DATA", "") or BASE_DIR / "var").expanduser().resolve()
DEBUG = env.bool("REGULARS_DEBUG", False)
VERSION = "0.1.0"
SECRET_KEY = env.str("REGULARS_SECRET_KEY", "") or kept_secret(DATA_DIR)
SECRET_KEY_FALLBACKS: list[str] = env.list("REGULARS_SECRET_KEY_FALLBACKS", [])
ALLOWED_HOSTS = env.list("REGULARS_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("REGULARS_ORIGINS", [])
PUBLIC_URL = env.str("REGULARS_URL", "http://localhost:8000").rstrip("/")

# --- Applications and middleware ----------------------------------------------------------------

INSTALLED_APPS = [
    "config.access",
    "config.jobs",
    "config.requests",
    "config.changes",
    "config.webhooks",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "customers",
    "billing",
    "credits",
    "bookings",
    "config.home",
    "config.demo",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "config.admin.apps.BackOfficeConfig",
    *("django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"),
    *("django.contrib.humanize", "django.contrib.messages", "django.contrib.postgres"),
    "django.contrib.staticfiles",
    "oauth2_provider",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "procrastinate.contrib.django",
    "config.server",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.api.handler.ApiMiddleware",
    "config.browser_policies.CompressedPages",
    "config.browser_policies.BrowserPolicies",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "config.access.signing_in.sessions.SessionLimits",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "libraries": {"back_office": "config.admin.page_head"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.csp",
            ],
        },
    }
]

# --- The database: two roles, two URLs ----------------------------------------------------------

THREADS: int = env.int("REGULARS_THREADS", 8, validate=validate.Range(1, 150))

# The embedded server; None if the environment names another database.
EMBEDDED = (
    None
    if env.str("DATABASE_URL", "")
    else embedded(DATA_DIR, durable=not env.bool("REGULARS_THROWAWAY", False))
)

DATABASES = {
    "default": database("DATABASE_URL", EMBEDDED.runtime_url if EMBEDDED else None),
    "owner": database("DATABASE_OWNER_URL", EMBEDDED.owner_url if EMBEDDED else None),
}
DATABASES["default"]["OPTIONS"]["pool"] = pool(THREADS + 2)
# Checks a connection when it is taken from the pool, so that a broken one fails no request.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["TEST"] = {"MIRROR": "owner"}
DATABASE_ROUTERS = ["config.access.db_router.Roles"]

# --- Authentication -----------------------------------------------------------------------------

AUTH_USER_MODEL = "access.Staff"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "config.access.signing_in.backends.StaffBackend",
]
LOGIN_URL = "admin:login"
CSRF_FAILURE_VIEW = "config.api.views.csrf_failure"
LOGIN_REDIRECT_URL = "admin:index"
PASSWORD_RESET_TIMEOUT = 3600
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
SESSION_ENGINE = "config.access.signing_in.sessions"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_IDLE_SECONDS = 30 * 60
ACCOUNT_ADAPTER = "config.access.signing_in.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
MFA_ADAPTER = "config.access.signing_in.adapters.FactorAdapter"
MFA_RECOVERY_CODES_SHOW_ONCE = True
# Accepts codes of a phone whose clock is 30 s off; no code is accepted twice (signing_in.forms).
MFA_TOTP_TOLERANCE = 1
AXES_HANDLER = "config.access.signing_in.lockout.Lockout"
AXES_LOCKOUT_CALLABLE = "config.access.signing_in.lockout.locked_out"
AXES_CLIENT_IP_CALLABLE = "config.access.signing_in.addresses.client_address"
AXES_VERBOSE = False

OAUTH2_PROVIDER_APPLICATION_MODEL = "access.ApiClient"
OAUTH2_PROVIDER = {
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "CLIENT_SECRET_HASHER": "regulars_secret",
    # Only the client credentials grant is allowed; RFC 9700 forbids the toolkit's other grants.
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.BackendApplicationServer",
    "OAUTH2_VALIDATOR_CLASS": "config.access.oauth.TokenValidator",
    "SCOPES": SCOPES,
    "SCOPES_BACKEND_CLASS": "config.access.oauth.ClientScopes",
}

# --- The API ------------------------------------------------------------------------------------

# Requests per minute of one API client or key, and of one company, unless the back-office sets
# others; and requests of one address that have wrong credentials or ask for tokens.
_at_least_one = validate.Range(1, 1_000_000)
CLIENT_LIMIT: int = env.int("REGULARS_CLIENT_LIMIT", 12_000, validate=_at_least_one)
COMPANY_LIMIT: int = env.int("REGULARS_COMPANY_LIMIT", 24_000, validate=_at_least_one)
ADDRESS_LIMIT: int = env.int("REGULARS_ADDRESS_LIMIT", 300, validate=_at_least_one)
# How many requests of one company may run at the same time.
AT_ONCE: int = env.int("REGULARS_AT_ONCE", 64, validate=validate.Range(1, 1000))

MAX_BODY_BYTES = 1_048_576
# The body of a customer import.
MAX_IMPORT_BYTES = 50 * 1_048_576
# A back-office form that uploads such a file.
MAX_UPLOAD_BYTES = 64 * 1_048_576
# How long a client may send or read nothing before its request is cancelled.
CLIENT_SECONDS = 30
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1_048_576

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["config.api.credentials.Credential"],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_SCHEMA_CLASS": "config.api.openapi.operations.OperationSchema",
    "EXCEPTION_HANDLER": "config.api.errors.answer_refusal",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Regulars",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.1",
    "LICENSE": {"name": "MIT", "identifier": "MIT"},
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "SORT_OPERATIONS": False,
    "ENFORCE_NON_BLANK_FIELDS": True,
    "POSTPROCESSING_HOOKS": ["config.webhooks.openapi.complete_document"],
}

# Private networks to which webhooks may be sent, also by plain http.
PRIVATE_WEBHOOKS = networks("REGULARS_PRIVATE_WEBHOOKS", ["127.0.0.0/8", "::1"] if DEBUG else [])

# --- Mail, background work ----------------------------------------------------------------------

MAILERS = {"default": mailer(env.str("REGULARS_EMAIL_URL", "console:"))}
DEFAULT_FROM_EMAIL = env.str("REGULARS_EMAIL_FROM", "Regulars <no-reply@localhost>")

# --- Languages, static files, transport ---------------------------------------------------------

LANGUAGE_CODE = "en-gb"
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "config/admin/static", BASE_DIR / "config/docs/static"]
# Static files are served from the packages, so nobody has to run collectstatic.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

_secure = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _secure
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# Only the back-office uses sessions, so browsers send the cookies to its addresses only.
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/admin/"
# How many trusted proxies a request passes; each adds its client's address to X-Forwarded-For.
PROXIES: int = env.int("REGULARS_PROXIES", int(_secure), validate=validate.Range(0, 9))
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _secure else None
SECURE_HSTS_SECONDS = 31_536_000 if _secure else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# The proxy that terminates TLS redirects to https; other names of the domain may not be ours.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
# The strictest policy; pages have their own (config.browser_policies).
SECURE_CSP = NOTHING

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "config.card_numbers.MaskingFormatter", "source": "{name}"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("REGULARS_LOG_LEVEL", "WARNING")},
    # Responses report the client's errors; the log is for errors of the server.
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "CRITICAL"},
        "axes": {"level": "ERROR"},
    },
}

FAVICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E"
    "%3Crect width='8' height='8' rx='2' fill='%239810fa'/%3E%3C/svg%3E"
)


def _shared(*names: str) -> list[Any]:
    """Return the files of the back-office that every page loads."""
    return [lambda request, name=name: static(f"backoffice/{name}") for name in names]


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Regulars",
    "SITE_HEADER": "Regulars",
    "SITE_SUBHEADER": _("Customers who come back"),
    "SITE_SYMBOL": "diversity_1",
    "SITE_URL": "",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": FAVICON}],
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "ACCOUNT": {
        "navigation": [
            {"title": _("Change password"), "link": reverse_lazy("admin:password_change")},
            {"title": _("Second factor"), "link": reverse_lazy("mfa_index")},
        ]
    },
    "STYLES": _shared("colors.css", "frame.css", "tables.css", "find.css"),
    "SCRIPTS": _shared("policy.js", "session.js", "find.js", "labels.js", "tables.js"),
}
