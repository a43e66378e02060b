import { createHash } from 'node:crypto';

/**
 * The version of a copy: its ETag, and a digest of the query, which `publicUrl` leaves out. Without
 * it, two databases of one server that differ only in the query could pass for each other.
 */
export function taggedVersion({ search }: URL, tag: string): string {
  if (search === '') return tag;
  const digest = createHash('sha256').update(`${tag}\n${search}`).digest('hex').slice(0, 16);
  return `${tag} ${digest}`;
}

/** The ETag in a version of this address; `undefined` in one of another query. */
export function tagInVersion(url: URL, version: string): string | undefined {
  const tag = url.search === '' ? version : version.slice(0, version.lastIndexOf(' '));
  return taggedVersion(url, tag) === version ? tag : undefined;
}
