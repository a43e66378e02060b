import type { Content, Manifest } from '../format/manifest.ts';
import type { DatabaseConfig } from '../config/load.ts';
import type { Inspection } from '../sqlite/types.ts';
import type { Context } from '../context.ts';
import type { BackupRequest } from '../runs/request.ts';
import type { Written } from './write.ts';

/** One backup that is being made. `attempt` is random: what a retry writes never meets what a dead run left. */
export type Work = {
  readonly context: Context;
  readonly database: DatabaseConfig;
  readonly request: BackupRequest;
  readonly id: string;
  readonly attempt: string;
};

/** What a snapshot is, apart from the file: where it came from, when, and how long it is. */
export type Subject = {
  readonly url: string;
  readonly version: string | undefined;
  readonly takenAt: Date;
  readonly size: number;
};

/** The manifest of what was written; slots and expiry are decided at the commit. */
export function describe(
  { context, database, request, id }: Work,
  subject: Subject,
  inspection: Inspection | Manifest['inspection'],
  written: Written,
): Content {
  return {
    lifeboat: 1,
    id,
    database: database.name,
    kind: written.parent ? 'incremental' : 'full',
    salvage: false,
    parent: written.parent?.id ?? null,
    base: written.parent ? (written.parent.base ?? written.parent.id) : null,
    depth: written.parent ? written.parent.depth + 1 : 0,
    requestedAt: request.requestedAt.toISOString(),
    takenAt: subject.takenAt.toISOString(),
    reason: request.reason,
    slots: [],
    source: subject.url,
    sourceVersion: subject.version ?? null,
    pageSize: written.pageSize,
    pageCount: subject.size / written.pageSize,
    size: subject.size,
    sha256: written.sha256,
    pages: written.parent
      ? written.runs.map(([first, count]): [number, number] => [first, count])
      : null,
    objects: written.objects,
    encryption: database.recipients.length > 0 ? { recipients: [...database.recipients] } : null,
    chain: { salt: written.salt.toString('hex'), keyed: written.keyed },
    inspection: JSON.parse(JSON.stringify(inspection)) as Content['inspection'],
    expires: context.now().toISOString(),
    tool: context.tool,
  };
}
