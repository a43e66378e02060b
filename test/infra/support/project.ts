import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Configuration } from '../../hcl/configuration.ts';
import { readBlocks, readSources, type Sources } from '../../hcl/read.ts';
import type { Value } from '../../hcl/values.ts';

export const root = join(import.meta.dirname, '..', '..', '..');
export const infra = join(root, 'infra');
export const module = join(infra, 'module');
/** The files of the module. */
export const sources = (): Record<string, string> => readSources(module);
/** The files of the root that calls it. */
export const rootSources = (): Record<string, string> => readSources(infra);

/** Turns on everything that a configuration can turn on, so that tests see every resource. */
export const SAMPLE = `
store: gs://acme-backups
copies: [gs://acme-copies/eu]
timeZone: America/Sao_Paulo
databases:
  shop:
    source: ssh://backup@10.0.0.5/srv/shop/db.sqlite3
    schedule: "0 3 * * *"
    encryption: { recipients: [age1qqqqqqqqqqqqqqqqqqqqqqqqq] }
  wiki:
    source: gs://acme-files/wiki/db.sqlite3
    schedule: "30 * * * *"
    timeZone: Europe/Lisbon
  api:
    source: https://api.example.com/database
    https: { auth: bearer }
  crm:
    source: https://crm.example.com/database
    schedule: "0 2 * * *"
    run: http
  Data_Lake:
    source: gs://acme-files/lake/db.sqlite3
    schedule: "0 1 * * 0"
    run: job
notify:
  email: { to: [ops@example.com], from: backups@example.com }
  slack:
  telegram: { chat: "-100123" }
  webhook: { url: "https://example.com/hook" }
`;

/** The sample without its copies, which two deployments must not share. */
export const WITHOUT_COPIES = SAMPLE.replace(/^copies: .*\n/m, '');

export const VARIABLES: Readonly<Record<string, Value>> = {
  project: 'acme-prod',
  region: 'southamerica-east1',
  notification_email: 'ops@example.com',
  deployers: ['group:developers@example.com'],
  status_viewers: ['user:auditor@example.com'],
  secrets: { SMTP_URL: true },
};

export type Choice = {
  readonly config?: string;
  /** The lifeboat.yaml that `npm run package` checked, if it differs; null if there is none. */
  readonly packaged?: string | null;
  readonly variables?: Readonly<Record<string, Value>>;
  readonly sources?: Sources;
};

/** The Terraform configuration with this lifeboat.yaml and these variables; by default those above. */
export const configurationOf = async ({
  config = SAMPLE,
  packaged = config,
  variables = {},
  sources: files = sources(),
}: Choice = {}): Promise<Configuration> => {
  const blocks = await readBlocks(files);
  const defaults = blocks
    .filter(({ kind }) => kind === 'variable')
    .map(({ labels, body }) => [labels[0] ?? '', body['default'] ?? null] as const);
  return new Configuration(
    blocks,
    { ...(Object.fromEntries(defaults) as Record<string, Value>), ...VARIABLES, ...variables },
    (path) => {
      if (path === '../build/lifeboat.yaml') {
        if (packaged === null) throw new Error('no such file');
        return packaged;
      }
      if (path.endsWith('lifeboat.yaml')) return config;
      if (path.endsWith('.zip')) return 'a package';
      return readFileSync(path, 'utf8');
    },
  );
};
