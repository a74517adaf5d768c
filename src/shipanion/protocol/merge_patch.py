"""JSON merge patch (RFC 7396): how shared state changes.

Objects merge key by key, ``None`` removes a key, everything else (arrays too) is replaced whole.
"""

from typing import Any

__all__ = ["apply_patch"]


def apply_patch(target: Any, patch: Any) -> Any:
    """The value ``target`` becomes under ``patch``; neither argument is changed (RFC 7396 section 2)."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = apply_patch(result.get(key), value)
    return result
