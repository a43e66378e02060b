"""Errors with the exit statuses of `lifeboat` (docs/commands.md)."""

from django.core.management.base import CommandError

_EXIT = {
    "usage": 2,
    "config_invalid": 2,
    "source_unreachable": 3,
    "source_busy": 3,
    "source_invalid": 3,
    "source_empty": 3,
    "source_unhealthy": 3,
    "source_suspicious": 3,
    "hook_failed": 3,
    "not_found": 4,
    "backup_damaged": 5,
    "backup_forged": 5,
    "restore_test_failed": 5,
    "store_unreachable": 6,
    "store_denied": 6,
    "insufficient_space": 7,
    "deadline": 7,
    "key_missing": 8,
    "key_wrong": 8,
    "stale": 9,
    "interrupted": 130,
}


def visible(text):
    """One line of printable characters: text from the network must not control the terminal."""
    return "".join(char if char.isprintable() else " " for char in str(text))


def failure(code, message, hint):
    """The error of a command, with its exit status."""
    return CommandError("%s (%s)\nhint: %s" % (visible(message), visible(code), visible(hint)), returncode=_EXIT.get(code, 1))
