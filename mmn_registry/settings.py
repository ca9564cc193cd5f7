"""One settings file for every mode; the environment says which (README, "Settings").

Without any variable: this machine alone, on the embedded server. With MMN_PRODUCTION=1: a
registry in service, which starts only with its secrets, its hosts and a database of its own.
"""

import tempfile
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from infusions.vocabulary import DoseAttemptKind, Route
from mmn_registry import env
from mmn_registry.identity_cipher import MasterKeys
from mmn_registry.postgres import embedded, places, roles, waits
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
    env.text("DATABASE_DERIVE_URL", advice=advice)
    identity_key = env.text("MMN_IDENTITY_KEY", advice=advice)
else:
    SECRET_KEY = env.text("SECRET_KEY", "") or kept_secret_key(DATA_DIR)
    identity_key = env.text("MMN_IDENTITY_KEY", f"of this machine alone, by its {SECRET_KEY}")
    ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")

# Under these patients' own keys are wrapped; former ones until `rotate_identity_key` has run.
IDENTITY_KEYS = MasterKeys(identity_key, env.words("MMN_FORMER_IDENTITY_KEYS", ""))

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
    "WAITS": waits.PAGE,
}
if EMBEDDED:
    app, owner, derive, auditor = map(
        embedded.connection_settings, (roles.APP, roles.OWNER, roles.DERIVE, roles.AUDIT)
    )
else:
    app = env.database("DATABASE_URL")
    owner = env.database("DATABASE_OWNER_URL") if env.is_set("DATABASE_OWNER_URL") else app
    derive = env.database("DATABASE_DERIVE_URL") if env.is_set("DATABASE_DERIVE_URL") else owner
    auditor = env.database("DATABASE_AUDIT_URL") if env.is_set("DATABASE_AUDIT_URL") else owner
DATABASES = {
    "default": CONNECTION | app | {"REFUSES_OWNER": PRODUCTION},
    # No page connects as the owner: who migrates waits for another migration to end.
    "owner": CONNECTION | owner | {"TELLS_CONTEXT_KEY": True, "WAITS": waits.COMMAND},
    # Reads every record and writes outcomes only: what is kept depends on no reader's rights.
    "derive": CONNECTION | derive | {"WAITS": waits.DERIVING},
    "audit": CONNECTION | auditor,  # seals the trail and verifies it
}
# Outside the database: what was sealed when, so that who rewrites all of it is found out.
ANCHOR_FILE = Path(env.text("MMN_ANCHOR_FILE", str(DATA_DIR / "anchors.txt")))
# Backups, where they are kept; unset, none are made. Who only reports on them (the web server) is
# told where the file of times is.
BACKUP_DIR = env.path("MMN_BACKUP_DIR")
BACKUP_STATUS = env.path("MMN_BACKUP_STATUS") or (BACKUP_DIR and BACKUP_DIR / "status.json")
BACKUP_KEY = env.text("MMN_BACKUP_KEY", "")
BACKUP_KEEP_DAYS = env.whole_number("MMN_BACKUP_KEEP_DAYS", 35, lowest=1)
BACKUP_AT = env.clock_time("MMN_BACKUP_AT", "02:00")
# Where a backup is restored to be verified: as large as the database.
BACKUP_SCRATCH = env.path("MMN_BACKUP_SCRATCH") or Path(tempfile.gettempdir())
BACKUP_DATABASE = None
if EMBEDDED:
    BACKUP_DATABASE = embedded.connection_settings(roles.BACKUP)
elif env.is_set("DATABASE_BACKUP_URL"):
    BACKUP_DATABASE = env.database("DATABASE_BACKUP_URL")
# Where the server's archive_command puts finished WAL.
WAL_SPOOL = env.path("MMN_WAL_SPOOL") or (embedded.cluster().wal_spool if EMBEDDED else None)
# What kind a database becomes when it is first migrated; the embedded one is for trying out.
BORN = env.choice("MMN_BORN", ("demo", "registry"), "demo" if EMBEDDED else "registry")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ── Applications ─────────────────────────────────────────────────────────────────────────────
INSTALLED_APPS = [
    "mmn_registry",
    "mmn_registry.audit",
    "mmn_registry.accounts",
    "patients",
    "infusions",
    "outcomes",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "knox",
    "rest_framework",
    "drf_spectacular",
    "django_prometheus",
]
MIDDLEWARE = [
    # Probes go no further, and have no line in the log.
    "mmn_registry.health.probes",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    # Then first: whatever happens to a request on its way is told.
    "mmn_registry.requests.told",
    "mmn_registry.faults.never_swallowed",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Before anything asks who is signed in: a session that was left alone has ended.
    "mmn_registry.accounts.gates.SessionTime",
    # Every view asks for a sign-in and a second factor unless it is marked otherwise: forgetting
    # is safe.
    "mmn_registry.accounts.gates.SignInRequired",
    "mmn_registry.accounts.gates.SecondFactorRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "mmn_registry.middleware.no_store",
    # Last: what comes before it reads no patient.
    "mmn_registry.accounts.middleware.acting_person",
    "mmn_registry.accounts.trail.refusals.noted_refusals",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]
# A document is held in memory until it is encrypted, and never lies in a temporary file.
FILE_UPLOAD_MAX_MEMORY_SIZE = 11 * 1024 * 1024
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
                "mmn_registry.accounts.offered.offered",
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
        ("UserAttributeSimilarityValidator", {"user_attributes": ("email", "full_name")}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
SESSION_COOKIE_HTTPONLY = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# A minute longer than somebody may be idle (accounts/session_time.py): then the row is dead, too.
SESSION_COOKIE_AGE = 31 * 60
# A second factor may be left out only where a demonstration was born (accounts/second_factor.py).
SECOND_FACTOR = env.flag("MMN_SECOND_FACTOR", default=True)
if PRODUCTION and not SECOND_FACTOR:
    raise ImproperlyConfigured(
        "MMN_SECOND_FACTOR is off and MMN_PRODUCTION is set: a registry in service asks for it."
    )
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# ── Accounts: pages and flows by django-allauth, what they may do by mmn_registry.accounts ───
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "mmn_registry.accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # asked of nobody: there is no sign-up
ACCOUNT_EMAIL_VERIFICATION = "none"  # whoever takes up an invitation has shown that mail arrives
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60
ACCOUNT_FORMS = {
    name: f"mmn_registry.accounts.forms.{form}"
    for name, form in (
        ("login", "SignInForm"),
        ("reauthenticate", "ConfirmPasswordForm"),
        ("reset_password", "ForgottenPasswordForm"),
        ("reset_password_from_key", "NewPasswordForm"),
        ("change_password", "ChangePasswordForm"),
        ("set_password", "FirstPasswordForm"),
    )
}
ACCOUNT_RATE_LIMITS = {
    # Per person and address (accounts/adapters.py makes that the key), and per address alone,
    # which a whole hospital may share.
    "login_failed": "10/15m/key,100/15m/ip",
    "login": "60/m/ip",
    "reset_password": "20/m/ip,5/h/key",
}
PASSWORD_RESET_TIMEOUT = 4 * 60 * 60
# X-Forwarded-For is believed as far as it was written by proxies of ours.
ALLAUTH_TRUSTED_PROXY_COUNT = env.whole_number("MMN_PROXY_COUNT", 1 if PRODUCTION else 0)
MFA_ADAPTER = "mmn_registry.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "MMN registry"
MFA_TOTP_TOLERANCE = 1  # a clock may be half a minute off
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_FORMS = {
    name: f"mmn_registry.accounts.forms.{form}"
    for name, form in (
        ("authenticate", "CodeForm"),
        ("reauthenticate", "ConfirmCodeForm"),
        ("authenticate_webauthn", "PasskeyForm"),
        ("reauthenticate_webauthn", "ConfirmPasskeyForm"),
        ("login_webauthn", "PasskeyAloneForm"),
        ("activate_totp", "ActivateAppForm"),
        ("add_webauthn", "AddPasskeyForm"),
        ("edit_webauthn", "RenamePasskeyForm"),
    )
}
SOCIALACCOUNT_ADAPTER = "mmn_registry.accounts.adapters.SingleSignOnAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {}
OIDC_ISSUER = env.text("MMN_OIDC_ISSUER", "")
if OIDC_ISSUER:
    advice = "Single sign-on needs it: see README, Settings."
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "hospital",
                "name": env.text("MMN_OIDC_NAME", "your hospital's account"),
                "client_id": env.text("MMN_OIDC_CLIENT_ID", advice=advice),
                "secret": env.text("MMN_OIDC_CLIENT_SECRET", advice=advice),
                "settings": {"server_url": OIDC_ISSUER},
            }
        ],
    }
KNOX_TOKEN_MODEL = "accounts.AccessToken"  # noqa: S105 — a table
REST_KNOX = {"AUTH_HEADER_PREFIX": "Bearer", "TOKEN_PREFIX": "mmn_"}
MIGRATION_MODULES = {"knox": None}  # its own table is not used
# Shared by all processes: what was counted in one counts in the others.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_cache",
    }
}

# ── Mail: a server from the environment; without one, the terminal ───────────────────────────
DEFAULT_FROM_EMAIL = env.text("MMN_MAIL_FROM", "mmn-registry@localhost")
EMAIL_TIMEOUT = 10
EMAIL_HOST = env.text("MMN_SMTP_HOST", "localhost" if PRODUCTION else "")
EMAIL_PORT = env.whole_number("MMN_SMTP_PORT", 587 if env.is_set("MMN_SMTP_USER") else 25)
EMAIL_HOST_USER = env.text("MMN_SMTP_USER", "")
EMAIL_HOST_PASSWORD = env.text("MMN_SMTP_PASSWORD", "")
SMTP_SECURITY = env.choice("MMN_SMTP_SECURITY", ("starttls", "tls", "none"), "starttls")
# Nothing is encrypted on the way to this very machine.
EMAIL_USE_TLS = SMTP_SECURITY == "starttls" and EMAIL_HOST not in ("", "localhost")
EMAIL_USE_SSL = SMTP_SECURITY == "tls"
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"

# ── What a browser may do ────────────────────────────────────────────────────────────────────
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        # Signing in at the hospital leaves for its server.
        "form-action": [SELF, *env.origins(OIDC_ISSUER)],
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
DATA_UPLOAD_MAX_MEMORY_SIZE = (
    2_500_000  # of what is typed, in bytes; files are limited by the first
)
FILE_UPLOAD_HANDLERS = [
    "mmn_registry.uploads.LimitedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
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
# Requests in a minute of one token, or of one person: far more than a careful program needs.
API_READS_PER_MINUTE = env.whole_number("MMN_API_READS_PER_MINUTE", 6_000)
API_WRITES_PER_MINUTE = env.whole_number("MMN_API_WRITES_PER_MINUTE", 3_000)
REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "mmn_registry.rest.schema.RegistrySchema"}
SPECTACULAR_SETTINGS = {
    "TITLE": "MMN registry",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    # The same words in several columns: one name for each list in the schema.
    "ENUM_NAME_OVERRIDES": {
        words.__name__: [str(word) for word in words]
        for words in (DoseAttemptKind, Route, StimulationSite, YesNoUnknown)
    },
}

# ── Figures for monitoring (mmn_registry/metrics.py) ─────────────────────────────────────────
METRICS_TOKEN = env.text("MMN_METRICS_TOKEN", "")
PROMETHEUS_EXPORT_MIGRATIONS = False
# Seconds: what a page may take, from at once to when the web server ends it.
PROMETHEUS_LATENCY_BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 35.0, float("inf"))

# ── Logs: what happened, never what was typed ────────────────────────────────────────────────
# For a person at a terminal, or a line of JSON each for who collects them.
LOG_FORM = env.choice("MMN_LOG", ("text", "json"), "json" if PRODUCTION else "text")
NO_VALUES = "mmn_registry.logs." + ("NoValuesAsJson" if LOG_FORM == "json" else "NoValues")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"no_values": {"()": NO_VALUES}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "no_values"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        # A line per request is for who collects them.
        "mmn_registry.requests": {"level": "INFO" if LOG_FORM == "json" else "WARNING"},
    },
}
