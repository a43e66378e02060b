import type { Calls } from '../../google/storage/calls.ts';
import type { ObjectContent } from '../../google/storage/object.ts';
import { statContent } from '../../google/storage/stat.ts';

export const SUFFIXES = ['', '-wal', '-journal'] as const;
export type Suffix = (typeof SUFFIXES)[number];

/** A database in a bucket: the object itself, and those beside it that SQLite needs. */
export type DatabaseObjects = ReadonlyMap<Suffix, ObjectContent>;

export async function findObjects(calls: Calls, object: string): Promise<DatabaseObjects> {
  const contents = await Promise.all(
    SUFFIXES.map((suffix) => statContent(calls, `${object}${suffix}`)),
  );
  return new Map(
    SUFFIXES.flatMap((suffix, index) => {
      const content = contents[index];
      return content ? [[suffix, content] as const] : [];
    }),
  );
}

/** Names these generations together; changes whenever one of the objects does. */
export function versionOf(objects: DatabaseObjects): string {
  return SUFFIXES.flatMap((suffix) => {
    const content = objects.get(suffix);
    return content ? [`${suffix.slice(1) || 'main'}=${content.generation}`] : [];
  }).join(' ');
}

export function totalSize(objects: DatabaseObjects): number {
  return [...objects.values()].reduce((sum, { size }) => sum + size, 0);
}
