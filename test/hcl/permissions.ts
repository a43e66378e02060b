import type { Configuration, Instance } from './configuration.ts';
import { textOf } from './values.ts';

/** One mark in the tables of docs/permissions.md. */
export type Permission = {
  readonly identity: string;
  readonly permission: string;
  readonly on: string;
};

// The permissions of Google's own roles that matter on the resource of the grant. A role that is not listed here appears under its own name.
const GOOGLES: Readonly<Record<string, readonly string[]>> = {
  'roles/pubsub.publisher': ['pubsub.topics.publish'],
  // On a service it is the right to call it, on a job the right to start it.
  'roles/run.invoker': ['run.routes.invoke'],
  'roles/run.invoker on a job': ['run.jobs.run'],
  'roles/secretmanager.secretAccessor': ['secretmanager.versions.access'],
  'roles/storage.objectViewer': ['storage.objects.get', 'storage.objects.list'],
};
/** The attribute that names the target of a grant. Every type of resource that grants anything must be listed here. */
const TARGETS: Readonly<Record<string, string>> = {
  google_cloud_run_service_iam_member: 'service',
  google_cloud_run_v2_job_iam_member: 'name',
  google_kms_crypto_key_iam_member: 'crypto_key_id',
  google_project_iam_member: 'project',
  google_pubsub_subscription_iam_member: 'subscription',
  google_pubsub_topic_iam_member: 'topic',
  google_secret_manager_secret_iam_member: 'secret_id',
  google_service_account_iam_member: 'service_account_id',
  google_storage_bucket_iam_member: 'bucket',
};

const inner = (value: string): string =>
  /\["(.+?)"\]/.exec(value)?.[1] ?? /\.(\w+)\.\w+$/.exec(value)?.[1] ?? value;

const identityOf = (member: string): string =>
  member.startsWith('google_service_account.')
    ? inner(member)
    : member.includes('@gcp-sa-pubsub.')
      ? 'Pub/Sub'
      : member.startsWith('data.google_storage_project_service_account')
        ? 'Cloud Storage'
        : member;

const targetOf = (type: string, target: string): string => {
  if (type === 'google_storage_bucket_iam_member') {
    if (target.startsWith('google_storage_bucket.source')) return 'the source bucket';
    if (target.startsWith('google_storage_bucket.copy')) return `gs://${inner(target)}`;
    return target.startsWith('google_storage_bucket.backups') ? '' : `gs://${target}`;
  }
  if (type === 'google_cloud_run_v2_job_iam_member') return `job ${inner(target)}`;
  if (type === 'google_project_iam_member') return 'project';
  if (type === 'google_cloud_run_service_iam_member') return `function ${inner(target)}`;
  if (type === 'google_secret_manager_secret_iam_member') return `secret ${inner(target)}`;
  if (type === 'google_service_account_iam_member') return `identity ${inner(target)}`;
  if (type === 'google_pubsub_topic_iam_member')
    return `topic ${inner(target)}${target.includes('.dead[') ? ' (dead letters)' : ''}`;
  if (type === 'google_pubsub_subscription_iam_member') return `subscription ${inner(target)}`;
  return `key ${target}`;
};

/** The folders of the bucket or the objects to which a condition restricts a grant. A condition that is not understood appears as it is, so that it is noticed. */
const placesOf = (condition: string | undefined): string[] => {
  if (condition === undefined) return ['*'];
  const under =
    /^resource\.name\.startsWith\("projects\/_\/buckets\/([^/"]+?)(?:\/objects\/([^"]*)|(-))?"\)$/.exec(
      condition,
    );
  if (under)
    return [under[2] === undefined ? `gs://${under[1]}${under[3] ?? ''}*` : `${under[2]}*`];
  const objects = condition
    .split(' || ')
    .map(
      (each) =>
        /^resource\.name == "projects\/_\/buckets\/[^/"]+\/objects\/([^"]+)"$/.exec(each)?.[1],
    );
  return objects.every((each) => each !== undefined) ? objects : [`where ${condition}`];
};

const permissionsOf = (
  instance: Instance,
  roles: ReadonlyMap<string, readonly string[]>,
): Permission[] => {
  const { type, body } = instance;
  const attribute = TARGETS[type];
  if (attribute === undefined)
    throw new Error(`${type} grants something, and the test does not know on what`);
  const onJob = type === 'google_cloud_run_v2_job_iam_member' ? ' on a job' : '';
  const role = `${textOf(body['role'])}${onJob}`;
  const identity = identityOf(textOf(body['member']));
  const target = targetOf(type, textOf(body[attribute]));
  const [condition] = (body['condition'] ?? []) as readonly { readonly expression: string }[];
  return (roles.get(role) ?? GOOGLES[role] ?? [role]).flatMap((permission) =>
    // The name of a listing, and of the bucket itself, is the bucket's: a condition on object names never matches them.
    condition?.expression.includes('/objects/') === true &&
    /^storage\.(objects\.list|buckets\.)/.test(permission)
      ? []
      : placesOf(condition?.expression).map((place) => ({
          identity,
          permission,
          on:
            type === 'google_storage_bucket_iam_member'
              ? target === ''
                ? place === '*'
                  ? 'the bucket'
                  : place
                : `${target}/${place}`
              : place === '*'
                ? target
                : place,
        })),
  );
};

/** Identity, permission and target of every grant in the configuration. */
export const permissionsIn = (configuration: Configuration): Permission[] => {
  const roles = new Map(
    configuration
      .instances('google_project_iam_custom_role')
      .map(({ key, body }) => [
        `google_project_iam_custom_role.this[${JSON.stringify(key)}].name`,
        body['permissions'] as readonly string[],
      ]),
  );
  return configuration
    .types()
    .filter((type) => /_iam_(member|binding|policy)$/.test(type))
    .flatMap((type) => configuration.instances(type))
    .flatMap((instance) => permissionsOf(instance, roles));
};

const line = ({ identity, permission, on }: Permission): string =>
  `| ${identity} | ${permission} | ${on} |`;
export const permissionLines = (permissions: readonly Permission[]): string[] =>
  [...new Set(permissions.map(line))].sort();

const FUNCTIONS = ['backup', 'backup-now', 'restore-test', 'watch', 'status'];
const HEADS = {
  functions: `| right | on | ${FUNCTIONS.map((name) => `\`${name}\``).join(' | ')} |`,
  others: '| right | on | identity |',
};

/** The tables of docs/permissions.md: a row for each right, with the identities that have it. */
export function permissionTables(permissions: readonly Permission[]): string {
  const rights = Map.groupBy(permissions, ({ permission, on }) => `| ${permission} | ${on} |`);
  const rows = [...rights.keys()].sort().map((right) => ({
    right,
    identities: new Set(rights.get(right)?.map(({ identity }) => identity)),
  }));
  const functions = rows
    .filter(({ identities }) => FUNCTIONS.some((name) => identities.has(name)))
    .map(({ right, identities }) => {
      const marks = FUNCTIONS.map((name) => (identities.has(name) ? ' ● |' : ' |'));
      return `${right}${marks.join('')}`;
    });
  const others = rows.flatMap(({ right, identities }) => {
    const names = [...identities].filter((name) => !FUNCTIONS.includes(name)).sort();
    return names.length === 0 ? [] : [`${right} ${names.join(', ')} |`];
  });
  return [
    HEADS.functions,
    '|---|---|:-:|:-:|:-:|:-:|:-:|',
    ...functions,
    '',
    HEADS.others,
    '|---|---|---|',
    ...others,
    '',
  ].join('\n');
}

/** What the tables of the page grant. */
export function permissionsOnPage(page: string): Permission[] {
  const rowsBelow = (head: string): string[][] =>
    (page.split(`${head}\n`)[1] ?? '')
      .split('\n\n', 1)
      .flatMap((table) => table.split('\n').slice(1))
      .filter((line) => line.startsWith('| '))
      .map((line) => line.split('|').map((cell) => cell.trim()));
  const ofFunctions = rowsBelow(HEADS.functions).flatMap(([, permission = '', on = '', ...marks]) =>
    FUNCTIONS.filter((_, at) => marks[at] === '●').map((identity) => ({
      identity,
      permission,
      on,
    })),
  );
  const ofOthers = rowsBelow(HEADS.others).flatMap(([, permission = '', on = '', names = '']) =>
    names.split(', ').map((identity) => ({ identity, permission, on })),
  );
  return [...ofFunctions, ...ofOthers];
}
