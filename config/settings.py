"""All settings, read from top to bottom. What differs between places comes from the environment."""

from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from celery.schedules import crontab
from csp.constants import NONE, SELF

from config import environment as env

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Outside values ---------------------------------------------------------------------------

SECRET_KEY = env.read("SECRET_KEY", env.secret, example="$(openssl rand -base64 48)")
DATABASE_URL = env.read(
    "DATABASE_URL",
    env.url("postgres", "postgresql"),
    example="postgresql://pharos:secret@db:5432/pharos",
)
REDIS_URL = env.read("REDIS_URL", env.url("redis", "rediss"), example="redis://redis:6379/0")
BASE_URL = env.read("BASE_URL", env.url("http", "https"), example="https://pharos.acme.example")
EMAIL_URL = env.read(
    "EMAIL_URL",
    env.url("smtp", "smtps", "console"),
    example="smtp://user:secret@mail.acme.example:587",
    default="console:",
)
DEFAULT_FROM_EMAIL = env.read(
    "EMAIL_FROM", env.text, example="pharos@acme.example", default="pharos@localhost"
)
DATA_DIR = Path(env.read("DATA_DIR", env.text, example="/var/lib/pharos", default=".pharos"))
DEBUG = env.read("DEBUG", env.yes_or_no, example="no", default=False)
WEB_THREADS = env.read("WEB_THREADS", env.whole, example="8", default=8)
API_REQUESTS_PER_MINUTE = env.read(  # by one person; 0 is without limit
    "API_REQUESTS_PER_MINUTE", env.whole, example="6000", default=6000
)
TRUST_PROXY = env.read("TRUST_PROXY", env.yes_or_no, example="yes", default=False)

_base = urlsplit(BASE_URL)
IS_HTTPS = _base.scheme == "https"
ALLOWED_HOSTS = env.read(
    "ALLOWED_HOSTS", env.names, example="pharos.acme.example", default=[_base.hostname]
)
CSRF_TRUSTED_ORIGINS = [f"{_base.scheme}://{_base.netloc}"]

# --- Rooms ------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "portfolio",
    "assessments",
    "economics",
    "config",  # for its commands, which reach into every room
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    "template_partials",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.RequestIdMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.middleware.WithoutNulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.middleware.AddressMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.HtmxSignInMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "config.middleware.ActorMiddleware",
    "config.middleware.TakenDraftMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.middleware.LeadOnMiddleware",
    "config.middleware.RefusalMiddleware",
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
                "portfolio.pages.shell",
            ],
        },
    },
]

# An address is unique whatever the case of its letters, by a constraint on Lower("email").
SILENCED_SYSTEM_CHECKS = ["auth.W004"]

# --- Postgres ---------------------------------------------------------------------------------

DATABASES = {"default": dj_database_url.parse(DATABASE_URL)}
STATEMENT_TIMEOUT_MS = env.read("STATEMENT_TIMEOUT_MS", env.whole, example="5000", default=5000)
PREPARE_STATEMENTS = env.read("PREPARE_STATEMENTS", env.yes_or_no, example="yes", default=True)
DATABASES["default"]["OPTIONS"] = {
    **DATABASES["default"].get("OPTIONS", {}),
    # What is asked for the fifth time on a connection is planned for good.
    "server_side_binding": True,
    "prepare_threshold": 5 if PREPARE_STATEMENTS else None,
    "pool": {"min_size": 1, "max_size": WEB_THREADS + 1, "timeout": 10},
    "options": (
        f"-c statement_timeout={STATEMENT_TIMEOUT_MS} "
        "-c idle_in_transaction_session_timeout=60000 -c lock_timeout=10000"
    ),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis and Celery -------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {  # what takes long has a worker of its own
    "portfolio.run_import": {"queue": "imports"},
    "portfolio.run_bulk_change": {"queue": "imports"},
    "assessments.simulate_ranking": {"queue": "simulations"},
    "portfolio.look_for_duplicates": {"queue": "imports"},
}
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_ACKS_LATE = False  # a task is a doorbell; the sweep finds what a lost one left
CELERY_TASK_TIME_LIMIT = 120  # no soft one: Celery refuses a task whose own limit is shorter
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = env.read("WORKER_CONCURRENCY", env.whole, example="2", default=2)
CELERY_WORKER_CONSUMER = "config.hearing:QuickConsumer"
CELERY_WORKER_REDIRECT_STDOUTS = False  # mails on the console stay readable
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {  # a half-dead connection is noticed within seconds
    "socket_connect_timeout": 2.0,
    "socket_timeout": 10.0,
    "health_check_interval": 5,
}
CELERY_TIMEZONE = "UTC"
SWEEP_SECONDS = 2.0
CELERY_BEAT_SCHEDULER = "config.hearing:QuickScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = SWEEP_SECONDS
CELERY_BEAT_SCHEDULE = {  # each expires before its next, so that none pile up while workers rest
    "sweep": {
        "task": "portfolio.sweep",
        "schedule": SWEEP_SECONDS,
        "options": {"expires": SWEEP_SECONDS},
    },
    "want_daily_rankings": {
        "task": "assessments.want_daily_rankings",
        "schedule": crontab(minute="*/15"),
        "options": {"expires": 15 * 60},
    },
    "settle_due": {
        "task": "portfolio.settle_due",
        "schedule": crontab(minute="*/15"),
        "options": {"expires": 15 * 60},
    },
}

# Limits on sign-in must hold while Redis is away, so they are kept in Postgres.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "django_cache",
    },
}

# --- People -----------------------------------------------------------------------------------

AUTH_USER_MODEL = "portfolio.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "portfolio:work"
ACCOUNT_ADAPTER = "config.accounts.InvitationOnly"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation reached the address already
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True

# --- Sessions, cookies, headers ---------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_NAME = "pharos_session"
CSRF_COOKIE_NAME = "pharos_csrf"
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if TRUST_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # rate limits count people, not the proxy

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
    },
}

# --- The API ----------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "portfolio.doors.asking.TokenAuthentication",
        "portfolio.doors.asking.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["portfolio.doors.asking.SignedInAndScoped"],
    "DEFAULT_RENDERER_CLASSES": ["portfolio.doors.asking.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["portfolio.doors.asking.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "portfolio.doors.paging.KeyPagination",
    "DEFAULT_SCHEMA_CLASS": "portfolio.doors.schema.PharosSchema",
    "DEFAULT_THROTTLE_CLASSES": ["portfolio.doors.limits.PerPerson"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "portfolio.doors.asking.JSONNegotiation",
    "EXCEPTION_HANDLER": "portfolio.doors.problems.problem",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Pharos",
    "VERSION": "1",
    "DESCRIPTION": "The portfolio of GenAI lighthouse projects, under the same rules as the pages.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SCHEMA_PATH_PREFIX_TRIM": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {  # one name for one set of choices, wherever it is used
        "AnswerEnum": "assessments.serializers.four_tests.ANSWERS",
        "PersonsAnswerEnum": "assessments.serializers.four_tests.NO",
        "StageEnum": "portfolio.serializers.pipeline.STAGES",
        "ChangingEnum": "portfolio.serializers.table.CHANGING",
        "ImportStateEnum": "portfolio.models.intake.Import.State",
        "BulkChangeStateEnum": "portfolio.models.table.BulkChange.State",
        "BulkChangeRowStateEnum": "portfolio.models.table.BulkChangeRow.State",
    },
    "SERVE_AUTHENTICATION": [
        "portfolio.doors.asking.TokenAuthentication",
        "portfolio.doors.asking.SessionAuthentication",
    ],
}

# --- Words, files, mail, log ------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(
    env.read("STATIC_ROOT", env.text, example="/app/static", default=str(BASE_DIR / "staticfiles"))
)
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.styles.OneSheet"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
UPLOAD_MOST_BYTES = 52_428_800

_mail = urlsplit(EMAIL_URL)
EMAIL_BACKEND = (
    "django.core.mail.backends.console.EmailBackend"
    if _mail.scheme == "console"
    else "django.core.mail.backends.smtp.EmailBackend"
)
EMAIL_HOST, EMAIL_PORT = _mail.hostname or "localhost", _mail.port or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.username or "", _mail.password or ""
EMAIL_USE_SSL, EMAIL_USE_TLS = _mail.scheme == "smtps", _mail.port == 587
EMAIL_TIMEOUT = 10

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "config.logs.WithRequestId"}},
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"}
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["request_id"],
        }
    },
    "root": {"handlers": ["console"], "level": "INFO"},
}
