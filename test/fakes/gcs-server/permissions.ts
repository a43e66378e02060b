import { ApiFault, type Kind, type Policy } from './types.ts';

const PERMISSION: Readonly<Record<Kind, string>> = {
  create: 'storage.objects.create',
  get: 'storage.objects.get',
  list: 'storage.objects.list',
  update: 'storage.objects.update',
  delete: 'storage.objects.delete',
  bucket: 'storage.buckets.get',
};

/** The permissions that a policy grants on the whole bucket; those bound to object names do not count. */
export function grantedOf(policy: Policy | undefined, asked: readonly string[]): string[] {
  return asked.filter(
    (each) =>
      !policy ||
      Object.entries(PERMISSION).some(
        ([kind, name]) => name === each && policy[kind as Kind]?.includes(''),
      ),
  );
}

/** Refuses in Google's words what the policy does not allow. Without a policy everything is allowed. */
export function demand(policy: Policy | undefined, kind: Kind, name: string): void {
  if (!policy || policy[kind]?.some((prefix) => name.startsWith(prefix))) return;
  const what = kind === 'list' || kind === 'bucket' ? 'bucket' : 'object';
  throw new ApiFault(
    403,
    'forbidden',
    `${policy.identity} does not have ${PERMISSION[kind]} access to the Google Cloud Storage ${what}. ` +
      `Permission '${PERMISSION[kind]}' denied on resource (or it may not exist).`,
  );
}

/** The storage rows of docs/permissions.md, below a prefix ("" or "shop/"). Listing is a permission on the bucket, to which conditions on object names do not apply. */
export function POLICIES(
  prefix = '',
): Readonly<Record<'backup' | 'restoreTest' | 'watch' | 'status', Policy>> {
  const at = (...folders: string[]): string[] => folders.map((folder) => `${prefix}${folder}`);
  const identity = (name: string): string => `${name}@fake-project.iam.gserviceaccount.com`;
  return {
    backup: {
      identity: identity('lifeboat-backup'),
      create: at('databases/', 'runs/', 'state/'),
      get: at('databases/', 'runs/', 'state/'),
      list: [''],
      update: at('databases/'),
      delete: at('state/'),
      bucket: [''],
    },
    restoreTest: {
      identity: identity('lifeboat-restore-test'),
      create: at('reports/', 'runs/', 'state/'),
      get: at('databases/', 'runs/', 'state/'),
      list: [''],
      delete: at('state/'),
    },
    watch: {
      identity: identity('lifeboat-watch'),
      create: at('state/'),
      get: [''],
      list: [''],
      delete: at('state/'),
      bucket: [''],
    },
    status: { identity: identity('lifeboat-status'), get: at('runs/', 'state/'), list: [''] },
  };
}
