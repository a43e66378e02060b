"""Runs the program `lifeboat` of this machine, where no URL is set. Settings: LIFEBOAT["COMMAND"], LIFEBOAT["CONFIG"]."""

import json
import os
import shutil
import subprocess

from django.conf import settings

from .errors import failure

_HINT = "Install Lifeboat on this machine, set LIFEBOAT['COMMAND'] to the list of words that start it, or set LIFEBOAT[%r] to the URL of the function."


def _folder():
    return str(getattr(settings, "BASE_DIR", os.getcwd()))


def _command(url_setting):
    options = getattr(settings, "LIFEBOAT", {})
    command = options.get("COMMAND")
    if command is None:
        found = shutil.which("lifeboat") or shutil.which("lifeboat", path=os.path.join(_folder(), "node_modules", ".bin"))
        command = [found] if found else None
    if isinstance(command, str):
        command = [command]
    if not command:
        raise failure(
            "config_invalid",
            "the setting LIFEBOAT[%r] is missing, and there is no program lifeboat" % url_setting,
            _HINT % url_setting,
        )
    config = options.get("CONFIG")
    return [*command, *(["--config", str(config)] if config else [])]


def run(arguments, url_setting):
    """The JSON document of `lifeboat --json <arguments>`. Its errors become errors of the management command."""
    command = [*_command(url_setting), "--json", "--quiet", *arguments]
    try:
        # Not through a shell, and the log stays where a person sees it.
        done = subprocess.run(command, cwd=_folder(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except OSError as error:
        raise failure("config_invalid", "cannot run %s: %s" % (command[0], error.strerror), _HINT % url_setting) from error
    try:
        document = json.loads(done.stdout)
        ok = document["ok"]
    except (ValueError, KeyError, TypeError) as error:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise failure("internal", "lifeboat ended with status %d: %s" % (done.returncode, said[-1] if said else "no output"), "Run it by hand.") from error
    if ok is not True:
        problem = document.get("error") or {}
        raise failure(problem.get("code", "internal"), problem.get("message", "it failed"), problem.get("hint", "Run it by hand."))
    return document
