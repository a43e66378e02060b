"""The table of `lifeboat status`."""

import math
from datetime import datetime, timezone

from .errors import visible

_CONDITIONS = ["good", "attention", "late", "missing", "failing"]
_HEADS = ["DATABASE", "CONDITION", "LAST BACKUP", "SIZE", "VERDICT", "BACKUPS", "STORED", "RESTORE TEST", "NEXT", "LAST FAILURE", "WHY"]


def _moment(text):
    # Python before 3.11 knows no Z.
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)


def _lasting(seconds):
    if seconds >= 2 * 86400:
        return "%d days" % (seconds // 86400)
    return "%d h" % (seconds // 3600) if seconds >= 3600 else "%d min" % (seconds // 60)


def relative(text, now):
    """The distance from now: `3 h ago`, `in 12 days`."""
    seconds = (_moment(text) - _moment(now)).total_seconds()
    if abs(seconds) < 60:
        return "now"
    return _lasting(-seconds) + " ago" if seconds < 0 else "in " + _lasting(seconds)


def size(count):
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024:
            break
        count /= 1024
    else:
        unit = "TiB"
    # Halves are rounded up, as `lifeboat status` does.
    number = "{:,.1f}".format(math.floor(count * 10 + 0.5) / 10)
    return "%s %s" % (number[:-2] if number.endswith(".0") else number, unit)


def _row(each, now):
    last, test, failed = each["lastBackup"], each["lastRestoreTest"], each["lastFailure"]
    return [
        each["name"],
        each["condition"],
        relative(last["takenAt"], now) if last else "never",
        size(last["size"]) if last else "",
        last["verdict"] if last else "",
        str(each["backups"]),
        size(each["storedBytes"]),
        "%s %s" % ("ok" if test["ok"] else "FAILED", relative(test["at"], now)) if test else "never",
        relative(each["nextBackup"], now) if each["nextBackup"] else "",
        "%s %s" % (failed["code"], relative(failed["at"], now)) if failed else "",
        ", ".join(each["reasons"]),
    ]


def _rank(each):
    condition = each["condition"]
    return (-_CONDITIONS.index(condition) if condition in _CONDITIONS else 0, each["name"])


def table(document):
    """One line for each database, the worst first."""
    rows = [[visible(cell) for cell in _row(each, document["at"])] for each in sorted(document["databases"], key=_rank)]
    widths = [max(len(row[column]) for row in [_HEADS, *rows]) for column in range(len(_HEADS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in [_HEADS, *rows])
