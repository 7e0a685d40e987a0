"""Text that people look for, as a pattern for SQL's LIKE."""


def containing(text: str) -> str:
    """What has `text` anywhere in it; signs that mean something in patterns mean themselves. LIKE … ESCAPE '\\'."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
