#!/usr/bin/env python
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mmn_registry.settings")
    from mmn_registry.management.utility import RegistryUtility  # noqa: PLC0415

    RegistryUtility(sys.argv).execute()


if __name__ == "__main__":
    main()
