import json
import uuid

from django.core.management.base import BaseCommand

from lifeboat_backups.client import order_backup, setting
from lifeboat_backups.errors import failure, visible
from lifeboat_backups.table import size


class Command(BaseCommand):
    help = "Back up the database now and wait until the backup is verified."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--database", help="the name in lifeboat.yaml (default: LIFEBOAT['DATABASE'])")
        parser.add_argument("--reason", default="pre-deploy", choices=["schedule", "manual", "pre-deploy", "pre-push"])
        parser.add_argument("--kind", default="auto", choices=["auto", "full", "incremental"])
        parser.add_argument("--accept", action="store_true", help="accept, this once, a database that is much smaller than its last backup")
        parser.add_argument("--expect-migration", action="append", default=[], metavar="APP.NAME", help="fail unless this migration is applied (repeatable)")
        parser.add_argument("--idempotency-key", help="repeat it to retry without a second backup (default: random)")
        parser.add_argument("--json", action="store_true", help="print the backup as JSON")

    def _progress(self, line):
        done, total = line.get("done"), line.get("total")
        share = " %d %%" % (100 * done // total) if isinstance(done, int) and isinstance(total, int) and total > 0 else ""
        self.stderr.write("%s%s" % (visible(line.get("step", "")), share))

    def handle(self, *args, **options):
        order = {
            "database": options["database"] or setting("DATABASE"),
            "reason": options["reason"],
            "kind": options["kind"],
            "accept": options["accept"],
            "expectMigrations": options["expect_migration"],
        }
        key = options["idempotency_key"]
        if setting("BACKUP_URL", required=False):
            key = key or str(uuid.uuid4())
        last = None
        for line in order_backup(order, key):
            if isinstance(line, dict) and line.get("event") == "progress" and options["verbosity"] > 0:
                self._progress(line)
            elif isinstance(line, dict) and "ok" in line:
                last = line
        if last is None:
            hint = "The backup may exist: run it again with --idempotency-key %s, which makes no second one." % key
            raise failure("store_unreachable", "the connection broke before the answer was complete", hint)
        if last["ok"] is not True:
            error = last.get("error") or {}
            raise failure(error.get("code", "internal"), error.get("message", "the backup failed"), error.get("hint", "Read the log of the function."))
        if options["json"]:
            self.stdout.write(json.dumps(last))
            return
        words = (last["id"], last["kind"], size(last["size"]), size(last["storedBytes"]), last["verdict"])
        self.stdout.write(visible("%s: %s, %s stored as %s, verdict %s" % words))
