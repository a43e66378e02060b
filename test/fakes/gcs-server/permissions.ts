import { ApiFault, type Kind, type Policy } from './types.ts';

const PERMISSION: Readonly<Record<Kind, string>> = {
  create: 'storage.objects.create',
  get: 'storage.objects.get',
  list: 'storage.objects.list',
  update: 'storage.objects.update',
  delete: 'storage.objects.delete',
  bucket: 'storage.buckets.get',
};

/** Refuses in Google's words what the policy does not allow; without a policy everything is allowed. */
export const demand = (policy: Policy | undefined, kind: Kind, name: string): void => {
  if (!policy || policy[kind]?.some((prefix) => name.startsWith(prefix))) return;
  const what = kind === 'list' || kind === 'bucket' ? 'bucket' : 'object';
  throw new ApiFault(
    403,
    'forbidden',
    `${policy.identity} does not have ${PERMISSION[kind]} access to the Google Cloud Storage ${what}. ` +
      `Permission '${PERMISSION[kind]}' denied on resource (or it may not exist).`,
  );
};

/** The table of identities in the design, below a prefix ("" or "shop/"). */
export const POLICIES = (prefix = ''): Readonly<Record<'backup' | 'restoreTest' | 'watch' | 'status', Policy>> => {
  const at = (...folders: string[]): string[] => folders.map((folder) => `${prefix}${folder}`);
  const identity = (name: string): string => `${name}@fake-project.iam.gserviceaccount.com`;
  return {
    backup: {
      identity: identity('lifeboat-backup'),
      create: at('databases/', 'runs/', 'state/'),
      get: at('databases/', 'state/', 'runs/'),
      list: at('databases/', 'state/', 'runs/'),
      update: at('databases/', 'state/'),
      delete: at('state/'),
    },
    restoreTest: {
      identity: identity('lifeboat-restore-test'),
      create: at('reports/', 'runs/', 'state/'),
      get: at('databases/', 'state/', 'runs/'),
      list: at('databases/', 'state/', 'runs/'),
      update: at('state/'),
      delete: at('state/'),
    },
    watch: {
      identity: identity('lifeboat-watch'),
      create: at('state/'),
      get: at(''),
      list: at(''),
      update: at('state/'),
      delete: at('state/'),
      bucket: [''],
    },
    status: { identity: identity('lifeboat-status'), get: at('state/', 'runs/'), list: at('state/', 'runs/') },
  };
};
