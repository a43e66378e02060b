"""Calls the functions over HTTP, or the program of this machine where no URL is set. Settings: LIFEBOAT = {"STATUS_URL": ..., "BACKUP_URL": ..., "DATABASE": ...}, and AUDIENCE for a custom domain."""

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request

from django.conf import settings

from . import local
from .errors import failure
from .tokens import authorization

_MOST_BYTES = 64 * 2**20


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would take the token to another host."""

    def redirect_request(self, *args):
        return None


def setting(name, required=True):
    value = getattr(settings, "LIFEBOAT", {}).get(name)
    if required and not value:
        raise failure("config_invalid", "the setting LIFEBOAT[%r] is missing" % name, "Add it to your Django settings; README.md has an example.")
    return value


def _opened(url, timeout, data=None, headers=None):
    request = urllib.request.Request(
        url, data=data, headers={**(headers or {}), **authorization(url, setting("AUDIENCE", required=False))}
    )
    handlers = [_NoRedirect()]
    if urllib.parse.urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1"):
        handlers.append(urllib.request.ProxyHandler({}))
    return urllib.request.build_opener(*handlers).open(request, timeout=timeout)


def _problem(error):
    """The error of the function (RFC 9457), or of Cloud Run or a proxy in front of it."""
    try:
        document = json.loads(error.read(65536))
        return failure(document["code"], document["message"], document["hint"])
    except (ValueError, KeyError, TypeError, OSError, http.client.HTTPException):
        pass
    if error.code in (401, 403):
        return failure(
            "store_denied",
            "the function refuses this token (HTTP %d)" % error.code,
            "Grant the identity roles/run.invoker on the function, and check that the audience of the token is the URL of the function.",
        )
    return failure("internal", "the function answered HTTP %d" % error.code, "Check the URL, and read the log of the function.")


def _unreachable(url, error):
    reason = getattr(error, "reason", error)
    host = urllib.parse.urlsplit(url).netloc.rsplit("@", 1)[-1]
    return failure("store_unreachable", "%s does not answer: %s" % (host, reason), "Check the URL, and that this network reaches it.")


def read_status():
    """The status document (docs/functions.md)."""
    url = setting("STATUS_URL", required=False)
    document = _fetched(url) if url else local.run(["status"], "STATUS_URL")
    if not isinstance(document, dict) or document.get("version") != 1 or not isinstance(document.get("databases"), list):
        raise failure("internal", "the answer is not a status document of version 1", "Use the lifeboat_backups of the deployed version.")
    return document


def _fetched(url):
    try:
        with _opened(url, 65, headers={"Accept": "application/json"}) as response:
            return json.loads(response.read(_MOST_BYTES))
    except urllib.error.HTTPError as error:
        raise _problem(error) from error
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(url, error) from error
    except ValueError as error:
        raise failure("internal", "the answer is not JSON", "Check that STATUS_URL is the URL of the function status.") from error


def order_backup(order, key):
    """Requests a backup and yields each line of the answer; the last line has the result, unless the connection breaks."""
    url = setting("BACKUP_URL", required=False)
    if not url:
        yield _made_here(order, key)
        return
    headers = {"Accept": "application/x-ndjson", "Content-Type": "application/json", "Idempotency-Key": key}
    try:
        # The function sends a heartbeat every 15 s.
        response = _opened(url, 90, json.dumps(order).encode(), headers)
    except urllib.error.HTTPError as error:
        raise _problem(error) from error
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(url, error) from error
    with response:
        try:
            for line in response:
                if line.endswith(b"\n"):
                    yield json.loads(line)
        except ValueError as error:
            raise failure("internal", "the answer is not JSON", "Check that BACKUP_URL is the URL of the function backup-now.") from error
        except (OSError, http.client.HTTPException):
            return


def _made_here(order, key):
    if key:
        raise failure("usage", "--idempotency-key needs LIFEBOAT['BACKUP_URL']", "Leave it out: the program on this machine answers when it has ended.")
    arguments = ["backup", "--reason=" + order["reason"], "--kind=" + order["kind"]]
    arguments += ["--accept"] if order["accept"] else []
    arguments += ["--expect-migration=" + migration for migration in order["expectMigrations"]]
    # After --, a name is no option.
    return local.run([*arguments, "--", order["database"]], "BACKUP_URL")
