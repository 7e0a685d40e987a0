"""Every setting is documented."""

from pathlib import Path

from webapp.config import PER_BRAND, Config

ROOT = Path(__file__).parents[2]


def test_every_setting_has_a_line_in_env_example() -> None:
    documented = (ROOT / ".env.example").read_text()
    names = [f"{name}_" if name in PER_BRAND else f"{name}=" for name in Config.model_fields]
    assert [name for name in names if name not in documented] == []
