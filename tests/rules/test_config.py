"""Every setting is documented."""

from pathlib import Path

from webapp.config import Config

ROOT = Path(__file__).parents[2]


def test_every_setting_has_a_line_in_env_example() -> None:
    documented = (ROOT / ".env.example").read_text()
    assert [name for name in Config.model_fields if f"{name}=" not in documented] == []
