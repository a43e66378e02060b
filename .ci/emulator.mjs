// Ends with 0 where the end-to-end suite can run: Java, and the jar of the Pub/Sub emulator in the Google Cloud SDK that `gcloud` belongs to.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

const named = process.env['LIFEBOAT_TEST_PUBSUB_JAR'];
const gcloud = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'gcloud'))
  .find((path) => existsSync(path));
const folder = gcloud
  ? join(dirname(dirname(realpathSync(gcloud))), 'platform/pubsub-emulator/lib')
  : '';
const jar = named
  ? existsSync(named)
  : existsSync(folder) &&
    readdirSync(folder).some((name) => /^cloud-pubsub-emulator-.*-all\.jar$/.test(name));
process.exitCode = jar && spawnSync('java', ['-version']).status === 0 ? 0 : 1;
