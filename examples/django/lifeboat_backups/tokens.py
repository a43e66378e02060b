"""Google ID tokens, which the functions require from their callers. None is stored."""

import os
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from .errors import failure

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_METADATA = "/computeMetadata/v1/instance/service-accounts/default/identity?format=full&audience="


def _from_metadata(audience):
    """Works on Google Cloud only: Cloud Run, Compute Engine, GKE."""
    host = os.environ.get("GCE_METADATA_HOST", "169.254.169.254")
    request = urllib.request.Request(
        "http://%s%s%s" % (host, _METADATA, urllib.parse.quote(audience, safe="")), headers={"Metadata-Flavor": "Google"}
    )
    try:
        # A proxy must not see the token, and cannot reach that address.
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=1) as response:
            return response.read(65536).decode("ascii").strip()
    except (OSError, ValueError):
        return None


def _from_gcloud(audience):
    # gcloud refuses an audience for a personal account; Cloud Run accepts such a token without one.
    for more in (["--audiences=" + audience], []):
        try:
            done = subprocess.run(
                ["gcloud", "auth", "print-identity-token", *more], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        if done.returncode == 0 and done.stdout.strip():
            return done.stdout.strip()
    return None


def authorization(url, audience=None):
    """The authorization header for this address; empty on this machine, because `lifeboat dev` does not authenticate callers."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise failure("usage", "%r is not a URL" % url, "Set it to the URL of the function, which `terraform output` prints.")
    if parts.hostname in _LOOPBACK:
        return {}
    if parts.scheme != "https":
        raise failure("usage", "refusing to send a token to %s without encryption" % parts.hostname, "Use the https:// address of the function.")
    audience = audience or url.split("?")[0].rstrip("/")
    token = os.environ.get("LIFEBOAT_ID_TOKEN") or _from_metadata(audience) or _from_gcloud(audience)
    if not token:
        raise failure(
            "store_denied",
            "there is no ID token for %s" % audience,
            "Set LIFEBOAT_ID_TOKEN, run this on Google Cloud, or log in with `gcloud auth login`.",
        )
    if not token.isascii() or not token.isprintable() or " " in token:
        raise failure("usage", "LIFEBOAT_ID_TOKEN is not an ID token", "Set LIFEBOAT_ID_TOKEN to the output of `gcloud auth print-identity-token`.")
    return {"Authorization": "Bearer " + token}
