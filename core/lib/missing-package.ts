import { readFileSync } from 'node:fs';

/**
 * `name@version` of a package that the slim installation leaves out and that this error could not
 * find; undefined for any other error.
 */
export function missingPackage(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_MODULE_NOT_FOUND')
    return undefined;
  const name = /^Cannot find package '([^']+)'/.exec(error.message)?.[1];
  const version = name === undefined ? undefined : optionalPackages()[name];
  return version === undefined ? undefined : `${name}@${version}`;
}

/** The packages that the package.json of the slim installation names, with their versions. */
function optionalPackages(): Readonly<Record<string, string | undefined>> {
  const root = import.meta.url.endsWith('.ts') ? '../..' : '../../..';
  try {
    const text = readFileSync(new URL(`${root}/package.json`, import.meta.url), 'utf8');
    return (
      (JSON.parse(text) as { peerDependencies?: Record<string, string> }).peerDependencies ?? {}
    );
  } catch {
    // The original error says more than that its explanation is missing.
    return {};
  }
}
