export type Manifest = {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
};
type Entry = {
  readonly version?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
};
export type Lock = {
  readonly lockfileVersion: number;
  readonly packages: Readonly<Record<string, Entry>>;
};

/**
 * The lock for these dependencies alone, with the versions and digests that the project's own lock
 * has, so that what runs is what was tested. Throws when the project's lock lacks a dependency or
 * has another version of it than is asked for.
 */
export function lockOf(
  manifest: Manifest,
  engines: Readonly<Record<string, string>>,
  lock: Lock,
): Record<string, unknown> {
  const needed = new Set<string>();
  const visit = (from: string, names: readonly string[], must: boolean): void => {
    for (const name of names) {
      const path = resolveFrom(lock.packages, from, name);
      if (path === undefined && must)
        throw new Error(
          `package-lock.json has no ${name}, which ${from || manifest.name} needs: run npm install`,
        );
      const entry = path === undefined ? undefined : lock.packages[path];
      if (path === undefined || entry === undefined || needed.has(path)) continue;
      needed.add(path);
      visit(path, Object.keys(entry.dependencies ?? {}), true);
      visit(path, Object.keys({ ...entry.optionalDependencies, ...entry.peerDependencies }), false);
    }
  };
  visit('', Object.keys(manifest.dependencies), true);
  for (const [name, version] of Object.entries(manifest.dependencies)) {
    const locked = lock.packages[`node_modules/${name}`]?.version;
    if (locked !== version)
      throw new Error(
        `package-lock.json has ${name} ${locked ?? ''}, package.json asks for ${version}: run npm install`,
      );
  }
  const packages = [...needed].sort().map((path) => {
    const { dev: _, devOptional, ...entry } = lock.packages[path] ?? {};
    return [path, devOptional === true ? { ...entry, optional: true } : entry] as const;
  });
  const { name, version, license, dependencies } = manifest;
  return {
    name,
    version,
    lockfileVersion: lock.lockfileVersion,
    requires: true,
    packages: {
      '': { name, version, license, dependencies, engines },
      ...Object.fromEntries(packages),
    },
  };
}

/** Where Node would find `name` from the package at `from`: the nearest node_modules upwards. */
function resolveFrom(packages: Lock['packages'], from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (packages[path]) return path;
    if (folder === '') return undefined;
  }
}
