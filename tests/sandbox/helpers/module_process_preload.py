"""What the server imports that module processes are forked from."""

from .module_process import preload

preload()
