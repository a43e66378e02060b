import json

from django.core.management.base import BaseCommand

from lifeboat_backups.client import read_status
from lifeboat_backups.errors import failure
from lifeboat_backups.table import table


class Command(BaseCommand):
    help = "Shows the last backup of each database, how it is, and what comes next."
    # The backups are of interest when the database is not there, too.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="print the status document")
        parser.add_argument("--check", action="store_true", help="exit with 9 when a backup is late or missing")

    def handle(self, *args, **options):
        document = read_status()
        try:
            text = table(document)
            missing = [each["name"] for each in document["databases"] if not each["lastBackup"]]
            late = [each["name"] for each in document["databases"] if each["lastBackup"] and not each["fresh"]]
        except (KeyError, TypeError, ValueError) as error:
            raise failure("internal", "the status lacks something", "Use the lifeboat_backups that belongs to the deployed version.") from error
        self.stdout.write(json.dumps(document) if options["json"] else text)
        told = ["%s: %s" % (what, ", ".join(names)) for what, names in (("missing", missing), ("late", late)) if names]
        if options["check"] and told:
            raise failure("stale", "; ".join(told), "Run `manage.py backup_now`, and see why the schedule did not.")
