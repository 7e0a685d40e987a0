"""Bare instances; `create_app` gives each its application. Nothing here does I/O."""

import structlog
from flask_assets import Environment
from flask_babel import Babel
from flask_jwt_extended import JWTManager
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sock import Sock
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from htmx_flask import Htmx

from webapp.database import Base

db = SQLAlchemy(model_class=Base)
migrate = Migrate()
login = LoginManager()
jwt = JWTManager()
htmx = Htmx()
csrf = CSRFProtect()
babel = Babel()
assets = Environment()
limiter = Limiter(get_remote_address)
sock = Sock()
log = structlog.get_logger("gerbang")
