import type { Config, DatabaseConfig } from '../../core/config/load.ts';
import { neededSecrets } from '../../core/config/secrets.ts';

/** What infra/deploy must know of lifeboat.yaml. */
export type DeployFacts = {
  /** The name of the bucket of the store; empty for a folder. */
  readonly bucket: string;
  /** The first database with a schedule and `run: function`, or empty. */
  readonly firstDatabase: string;
  readonly encrypted: boolean;
  /** The databases without recipients. */
  readonly unencrypted: readonly string[];
  /** The names of the buckets of `copies`, those of other projects included. */
  readonly copies: readonly string[];
  /** Those of `watch` and `restore-test` that have a schedule. */
  readonly checks: readonly string[];
  /** The secrets that the functions read, by the names of their variables, sorted. */
  readonly secrets: readonly string[];
};

// Terraform reads it only when `secrets` names it: a public topic has none.
const ON_REQUEST = 'NTFY_TOKEN';

/** The facts of a configuration; `secrets` must be those of infra/module/secrets.tf, by a test. */
export function factsOf(config: Config): DeployFacts {
  const databases = Object.values(config.databases);
  const unencrypted = databases.filter(({ recipients }) => recipients.length === 0);
  const encrypted = unencrypted.length < databases.length;
  const secrets = new Set(neededSecrets(config, () => false).map(({ name }) => name));
  secrets.add('LIFEBOAT_KEY');
  secrets.delete(ON_REQUEST);
  if (encrypted) secrets.add('LIFEBOAT_IDENTITY');
  const copies = config.copies.map(bucketOf).filter((bucket) => bucket !== '');
  const checks = { watch: config.watch, 'restore-test': config.restoreTest };
  return {
    bucket: bucketOf(config.store),
    firstDatabase: firstDatabase(databases),
    encrypted,
    unencrypted: unencrypted.map(({ name }) => name),
    copies,
    checks: Object.entries(checks).flatMap(([name, { schedule }]) => (schedule ? [name] : [])),
    secrets: [...secrets].sort(),
  };
}

/**
 * The database whose first backup infra/deploy waits for, at most 15 minutes: `http` may take twice
 * as long, and a job hours.
 */
function firstDatabase(databases: readonly DatabaseConfig[]): string {
  const first = databases.find(({ schedule, run }) => schedule !== undefined && run === 'function');
  return first?.name ?? '';
}

function bucketOf(store: string): string {
  return /^gs:\/\/([^/]+)/.exec(store)?.[1] ?? '';
}

/** A map as Terraform reads it from TF_VAR_…: JSON, in which Terraform would also read templates. */
export function terraformMap(values: Readonly<Record<string, string>>): string {
  return JSON.stringify(values).replaceAll(/([$%])\{/g, '$1$1{');
}
