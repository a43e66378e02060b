import json

from django.core.management.base import BaseCommand

from lifeboat_backups.client import read_status
from lifeboat_backups.errors import failure
from lifeboat_backups.table import table


class Command(BaseCommand):
    help = "Show the state of every database."
    # The status is useful when the application's own database is broken, too.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="print the status document")
        parser.add_argument("--check", action="store_true", help="exit 9 when a backup is late or missing")

    def handle(self, *args, **options):
        document = read_status()
        try:
            text = table(document)
            missing = [each["name"] for each in document["databases"] if not each["lastBackup"]]
            late = [each["name"] for each in document["databases"] if each["lastBackup"] and not each["fresh"]]
        except (KeyError, TypeError, ValueError) as error:
            raise failure("internal", "the status document is incomplete", "Use the lifeboat_backups of the deployed version.") from error
        self.stdout.write(json.dumps(document) if options["json"] else text)
        problems = ["%s: %s" % (problem, ", ".join(names)) for problem, names in (("missing", missing), ("late", late)) if names]
        if options["check"] and problems:
            raise failure("stale", "; ".join(problems), "Run `manage.py backup_now`, and check why the schedule did not.")
