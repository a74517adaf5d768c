"""Builds the page before a wheel is made or the package is installed to be edited, by scripts/build_page.py.

Hatchling finds this file by its name. Where there is no Node.js, it is asked for as one more package of the build.
"""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PageHook(BuildHookInterface[Any]):
    """The build hook; `SHIPANION_BUILD_PAGE=off` in the environment makes it do nothing."""

    def dependencies(self) -> list[str]:
        page = self._build_page()
        ready = not page.is_wanted() or page.is_built() or page.path_node() is not None
        return [] if ready else [page.NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        page = self._build_page()
        try:
            # What is to be fetched stands in `dependencies`: a build has no installer of its own.
            page.build(fetch=False)
        except page.NotBuilt as problem:
            raise SystemExit(str(problem)) from None

    def _build_page(self) -> ModuleType:
        spec = importlib.util.spec_from_file_location("build_page", Path(self.root, "scripts", "build_page.py"))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
