import type { Sums, StoredBody } from './bodies.ts';
import { ApiFault, type BucketSettings, type Meta } from './types.ts';

const DAY = 86_400_000;
function held(bucket: string, name: string): ApiFault {
  return new ApiFault(
    403,
    'forbidden',
    `Object '${bucket}/${name}' is under active Temporary hold and cannot be deleted, overwritten or archived until hold is removed.`,
  );
}
function unmet(): ApiFault {
  return new ApiFault(
    412,
    'conditionNotMet',
    'At least one of the pre-conditions you specified did not hold.',
  );
}

/** One bucket of the fake: objects with generations, holds and Custom-Time, and a lifecycle that runs on request. */
export class FakeBucket {
  readonly name: string;
  settings: BucketSettings;
  readonly now: () => Date;
  readonly objects = new Map<string, { meta: Meta; body: StoredBody }>();
  #generation = 1_700_000_000_000_000;

  constructor(name: string, settings: BucketSettings, now: () => Date) {
    this.name = name;
    this.settings = settings;
    this.now = now;
  }

  find(name: string): { meta: Meta; body: StoredBody } {
    const found = this.objects.get(name);
    if (!found) throw new ApiFault(404, 'notFound', `No such object: ${this.name}/${name}`);
    return found;
  }

  names(): string[] {
    return [...this.objects.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  /** ifGenerationMatch, where 0 means absent, and ifMetagenerationMatch. */
  check(name: string, query: URLSearchParams): void {
    const meta = this.objects.get(name)?.meta;
    const generation = query.get('ifGenerationMatch');
    if (generation !== null && generation !== (meta?.generation ?? '0')) throw unmet();
    const metageneration = query.get('ifMetagenerationMatch');
    if (metageneration !== null && metageneration !== meta?.metageneration) throw unmet();
  }

  async insert(
    given: Partial<Meta> & { name: string },
    { body, sums }: { body: StoredBody; sums: Sums },
    query: URLSearchParams,
  ): Promise<Meta> {
    try {
      this.check(given.name, query);
      if (given.crc32c !== undefined && given.crc32c !== sums.crc32c)
        throw new ApiFault(
          400,
          'invalid',
          `Provided CRC32C "${given.crc32c}" doesn't match calculated CRC32C "${sums.crc32c}".`,
        );
      if (this.objects.get(given.name)?.meta.temporaryHold) throw held(this.name, given.name);
    } catch (error) {
      await body.drop();
      throw error;
    }
    this.#generation += 1;
    const meta: Meta = {
      contentType: 'application/octet-stream',
      ...given,
      ...sums,
      generation: String(this.#generation),
      metageneration: '1',
      timeCreated: this.now().toISOString(),
    };
    const before = this.objects.get(given.name);
    this.objects.set(given.name, { meta, body });
    await before?.body.drop();
    return meta;
  }

  patch(
    name: string,
    change: {
      customTime?: string | null;
      temporaryHold?: boolean;
      metadata?: Record<string, string>;
    },
    query: URLSearchParams,
  ): Meta {
    const { meta, body } = this.find(name);
    this.check(name, query);
    const { customTime, ...rest } = change;
    if (customTime === null && meta.customTime !== undefined)
      throw new ApiFault(400, 'invalid', 'Custom time cannot be removed.');
    if (
      customTime &&
      meta.customTime !== undefined &&
      Date.parse(customTime) < Date.parse(meta.customTime)
    )
      throw new ApiFault(
        400,
        'invalid',
        `Custom time cannot be decreased. Previously: ${meta.customTime}. Attempting to set: ${customTime}.`,
      );
    const changed: Meta = {
      ...meta,
      ...rest,
      ...(customTime ? { customTime } : {}),
      metageneration: String(Number(meta.metageneration) + 1),
    };
    this.objects.set(name, { meta: changed, body });
    return changed;
  }

  async remove(name: string, query: URLSearchParams): Promise<void> {
    const { meta, body } = this.find(name);
    this.check(name, query);
    if (meta.temporaryHold) throw held(this.name, name);
    this.objects.delete(name);
    await body.drop();
  }

  /** Deletes what the bucket's rules select and no hold protects. Returns the names. */
  async applyLifecycle(): Promise<string[]> {
    const days = (since: string): number =>
      Math.floor((this.now().getTime() - Date.parse(since)) / DAY);
    const meets = (meta: Meta, condition: Readonly<Record<string, unknown>>): boolean =>
      Object.entries(condition).every(([name, value]) => {
        if (name === 'age') return days(meta.timeCreated) >= Number(value);
        if (name === 'daysSinceCustomTime')
          return meta.customTime !== undefined && days(meta.customTime) >= Number(value);
        if (name === 'matchesPrefix')
          return (value as string[]).some((prefix) => meta.name.startsWith(prefix));
        if (name === 'matchesSuffix')
          return (value as string[]).some((suffix) => meta.name.endsWith(suffix));
        if (name === 'isLive') return value === true;
        // The fake keeps no old versions. It refuses any other condition, because it cannot apply it.
        if (['numNewerVersions', 'daysSinceNoncurrentTime'].includes(name)) return false;
        throw new Error(`the fake does not know the lifecycle condition ${name}`);
      });
    const deleted: string[] = [];
    for (const { action, condition } of this.settings.lifecycle?.rule ?? []) {
      if (action.type !== 'Delete') continue;
      for (const name of this.names()) {
        const found = this.objects.get(name);
        if (!found || found.meta.temporaryHold || !meets(found.meta, condition)) continue;
        this.objects.delete(name);
        await found.body.drop();
        deleted.push(name);
      }
    }
    return deleted;
  }
}
