"""``python -m shipanion`` is ``shipanion``."""

from shipanion.cli import main

if __name__ == "__main__":
    main()
