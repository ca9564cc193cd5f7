"""One settings file for every mode; the environment says which (README, "Settings").

Without any variable: this machine alone, on the embedded server. With MMN_PRODUCTION=1: a
registry in service, which starts only with its secrets, its hosts and a database of its own.
"""

from pathlib import Path

from csp.constants import NONE, SELF

from infusions.vocabulary import Route
from mmn_registry import env
from mmn_registry.postgres import embedded, places, roles
from mmn_registry.principal import ContextKey
from mmn_registry.secret_key import kept_secret_key
from patients.vocabulary import StimulationSite, YesNoUnknown

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = places.data_dir()

PRODUCTION = env.flag("MMN_PRODUCTION")
DEBUG = env.flag("MMN_DEBUG") and not PRODUCTION
# Tests and `runserver` take static files from where they are written, without collecting them.
STATIC_FROM_SOURCE = DEBUG or env.flag("MMN_STATIC_FROM_SOURCE")

if PRODUCTION:
    advice = "A registry in service needs its own: see README, Settings."
    SECRET_KEY = env.text("SECRET_KEY", advice=advice)
    ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", advice=advice)
    env.text("DATABASE_URL", advice=advice)
else:
    SECRET_KEY = env.text("SECRET_KEY", "") or kept_secret_key(DATA_DIR)
    ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")

# ── Database: the application owns nothing, migrations run as the owner ──────────────────────
EMBEDDED = not env.is_set("DATABASE_URL")
CONNECTION = {
    "ENGINE": "mmn_registry.postgres.engine",
    "EMBEDDED": EMBEDDED,
    "REFUSES_DEMO": PRODUCTION,
    # Signs who is acting; `migrate` tells it to the database.
    "CONTEXT_KEY": ContextKey(SECRET_KEY),
    "CONN_MAX_AGE": 60,
    "CONN_HEALTH_CHECKS": True,
}
if EMBEDDED:
    app, owner = map(embedded.connection_settings, (roles.APP, roles.OWNER))
else:
    app = env.database("DATABASE_URL")
    owner = env.database("DATABASE_OWNER_URL") if env.is_set("DATABASE_OWNER_URL") else app
DATABASES = {
    "default": CONNECTION | app | {"REFUSES_OWNER": PRODUCTION},
    "owner": CONNECTION | owner | {"TELLS_CONTEXT_KEY": True},
}
# What kind a database becomes when it is first migrated; the embedded one is for trying out.
BORN = env.choice("MMN_BORN", ("demo", "registry"), "demo" if EMBEDDED else "registry")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ── Applications ─────────────────────────────────────────────────────────────────────────────
INSTALLED_APPS = [
    "mmn_registry",
    "mmn_registry.accounts",
    "patients",
    "infusions",
    "outcomes",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Every view asks for a sign-in unless it is marked otherwise: forgetting is safe.
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "mmn_registry.middleware.no_store",
    # Last: what comes before it reads no patient.
    "mmn_registry.accounts.middleware.acting_person",
]
ROOT_URLCONF = "mmn_registry.urls"
WSGI_APPLICATION = "mmn_registry.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mmn_registry.birth.demonstration",
            ],
        },
    },
]

# ── Sign-in ──────────────────────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
SESSION_COOKIE_AGE = 10 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# ── What a browser may do ────────────────────────────────────────────────────────────────────
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
if PRODUCTION:
    # The proxy ends TLS and sets this header itself, whatever a client sent.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    # Browsers refuse these names without TLS, a path of / and no domain: no neighbour sets them.
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"

# ── Files ────────────────────────────────────────────────────────────────────────────────────
STATIC_URL = "/static/"
STATIC_ROOT = env.text("MMN_STATIC_ROOT", str(DATA_DIR / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = STATIC_FROM_SOURCE
WHITENOISE_AUTOREFRESH = STATIC_FROM_SOURCE
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if STATIC_FROM_SOURCE
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# ── Language and time: clinical dates are dates, and "today" is today in one place ───────────
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English")]
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = env.time_zone("MMN_TIME_ZONE", "Europe/Paris")

# ── REST ─────────────────────────────────────────────────────────────────────────────────────
# Every view says itself who may ask and in which form.
REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "mmn_registry.rest.schema.RegistrySchema"}
SPECTACULAR_SETTINGS = {
    "TITLE": "MMN registry",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    # The same words in several columns: one name for each list in the schema.
    "ENUM_NAME_OVERRIDES": {
        words.__name__: [str(word) for word in words]
        for words in (Route, StimulationSite, YesNoUnknown)
    },
}

# ── Logs: what happened, never what was typed ────────────────────────────────────────────────
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"no_values": {"()": "mmn_registry.logs.NoValues"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "no_values"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}
