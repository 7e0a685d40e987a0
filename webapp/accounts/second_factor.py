"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for a lost phone."""

import secrets
from collections.abc import Sequence

import pyotp
from sqlalchemy import delete, or_, update

from webapp import audit
from webapp.accounts import settings
from webapp.accounts.models import RecoveryCode, Role, User
from webapp.database import lock, rows_changed
from webapp.errors import Conflict, Forbidden, Invalid, InvalidCredentials, SecondFactorRequired
from webapp.extensions import db
from webapp.kit import clock, tokens

ISSUER = "Gerbang"
STEP = 30  # seconds that a code is shown
RECOVERY_CODES = 10
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that reads like something else


def is_required(role: Role) -> bool:
    """Whether the setting `require_second_factor` asks accounts of this role for one. One query by primary key."""
    least = settings.least_role("require_second_factor")
    return least is not None and role >= least


def demand(user: User, code: str | None) -> None:
    """Let a user in whose password was right.

    Raises SecondFactorRequired without a code, InvalidCredentials for a wrong one, Forbidden when the account must
    have a second factor and has none.
    """
    if user.has_second_factor:
        if not code:
            raise SecondFactorRequired()
        if not accept(user, code):
            audit.note("sign_in_failed", "users", user.id, user.username, wrong="second factor")
            raise InvalidCredentials()
    elif is_required(user.role):
        raise Forbidden("This account must set up a second factor in the browser first")


def begin(user: User) -> str:
    """A fresh secret for the user's app, as an `otpauth://` address; it counts once `confirm` has seen a code.

    Raises Conflict when the account has a second factor already.
    """
    if user.has_second_factor:
        raise Conflict("The second factor is set up already")
    user.totp_secret = pyotp.random_base32()
    user.totp_last_step = None
    return address(user)


def address(user: User) -> str:
    """What the QR code for the user's app says. Raises Conflict before `begin`."""
    if user.totp_secret is None:
        raise Conflict("The second factor is not set up")
    return pyotp.TOTP(user.totp_secret).provisioning_uri(name=user.username, issuer_name=ISSUER)


def confirm(user: User, code: str) -> Sequence[str]:
    """Switch the second factor on; returns recovery codes, to be shown once.

    Raises Invalid for a wrong code; Conflict when there is nothing to confirm, also because another request just did.
    """
    lock(
        f"second-factor {user.id}"
    )  # one at a time, or the last would replace the codes that the first one shows
    db.session.refresh(user, ["totp_enabled_at"])
    if user.has_second_factor or not user.totp_secret:
        raise Conflict("Nothing to confirm")
    if not _is_current(user, code):
        raise Invalid({"code": "This code is not right. Check the clock of your phone"})
    user.totp_enabled_at = clock.now()
    return renew_recovery_codes(user)


def renew_recovery_codes(user: User) -> Sequence[str]:
    """Ten new recovery codes, to be shown once; the old ones are worth nothing."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    db.session.add_all(RecoveryCode(user_id=user.id, code_hash=tokens.digest(code)) for code in codes)
    audit.note("recovery_codes_made", "users", user.id, user.username)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def switch_off(user: User) -> None:
    """Sign in with the password alone from now on. Raises Forbidden where the account must have a second factor."""
    if is_required(user.role):
        raise Forbidden("This account must keep its second factor")
    forget(user)


def forget(user: User) -> None:
    """Remove the second factor of somebody who lost it (an admin does this)."""
    user.totp_secret = user.totp_enabled_at = user.totp_last_step = None
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def accept(user: User, code: str) -> bool:
    """Whether `code` is the app's code of now, or a recovery code; either is good once."""
    bare = code.strip().replace(" ", "").replace("-", "").lower()
    return _is_current(user, bare) or _spend_recovery_code(user, bare)


def _is_current(user: User, code: str) -> bool:
    """Whether the app shows `code` now, or did or will in the step beside it (clocks differ); never twice."""
    if not user.totp_secret:
        return False
    totp, now = pyotp.TOTP(user.totp_secret, interval=STEP), clock.unix() // STEP
    for step in (now, now - 1, now + 1):
        if secrets.compare_digest(totp.generate_otp(step).encode(), code.encode("utf-8", "replace")):
            return _spend_step(user, step)
    return False


def _spend_step(user: User, step: int) -> bool:
    unspent = or_(User.totp_last_step.is_(None), User.totp_last_step < step)
    claim = update(User).where(User.id == user.id, unspent).values(totp_last_step=step)
    return rows_changed(claim.execution_options(**audit.UNLOGGED)) == 1


def _spend_recovery_code(user: User, code: str) -> bool:
    mine = (RecoveryCode.user_id == user.id) & RecoveryCode.used_at.is_(None)
    claim = update(RecoveryCode).where(mine, RecoveryCode.code_hash == tokens.digest(code))
    if rows_changed(claim.values(used_at=clock.now())) != 1:
        return False
    audit.note("recovery_code_used", "users", user.id, user.username)
    return True
