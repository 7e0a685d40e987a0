"""Settings: typed, and refused with a sentence."""

from pathlib import Path

import pytest

from webapp.config import Config, ConfigError


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PORT", "abc", "PORT"),
        ("PORT", "70000", "PORT"),
        ("APP_TIMEZONE", "Asia/Bandung", "APP_TIMEZONE is not a time zone name such as Asia/Jakarta."),
        ("DATABASE_URL", "mysql://x", "DATABASE_URL must begin with sqlite:/// or postgresql://."),
        ("REDIS_URL", "http://x", "REDIS_URL must begin with redis://, rediss:// or unix://."),
        ("GERBANG_ENV", "staging", "GERBANG_ENV"),
        ("DEMO", "perhaps", "DEMO"),
        ("JWT_TTL_SECONDS", "1", "JWT_TTL_SECONDS"),
    ],
)
def test_a_bad_value_is_refused_with_a_sentence_that_names_it(name: str, value: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        Config.from_environment({name: value})
    assert str(refusal.value).startswith(sentence)
    assert str(refusal.value).endswith(".")


def test_production_needs_a_real_secret() -> None:
    with pytest.raises(ConfigError, match="SECRET_KEY must have at least 32 characters in production."):
        Config.from_environment({"GERBANG_ENV": "production", "SECRET_KEY": "short"})


def test_an_empty_variable_counts_as_unset() -> None:
    assert Config.from_environment({"PORT": "", "APP_TIMEZONE": " "}) == Config()


def test_a_secret_is_made_once_and_kept_to_ourselves(tmp_path: Path) -> None:
    config = Config(DATA_DIR=tmp_path / "new")
    assert len(config.secret_key()) == 64
    assert config.secret_key() == Config(DATA_DIR=tmp_path / "new").secret_key()
    assert (tmp_path / "new" / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_any_usual_spelling_of_postgresql_will_do(scheme: str) -> None:
    assert Config(DATABASE_URL=f"{scheme}://u@h/d").database_url == "postgresql+psycopg://u@h/d"
