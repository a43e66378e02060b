import type { serveChild as Serve } from '../../../core/sqlite/child.ts';

export { notJudged } from '../../../core/sqlite/child.ts';

export type Work = {
  readonly work: Parameters<typeof Serve>[0];
  readonly faultOf: Parameters<typeof Serve>[1];
};

let latest: Work | undefined;

/** Replaces the product's `serveChild`: keeps the work instead of serving it once. */
export const serveChild: typeof Serve = (work, faultOf) => void (latest = { work, faultOf });

/** Imports a module that calls `serveChild`, and returns what it would serve. */
export async function workOf(url: string): Promise<Work> {
  latest = undefined;
  await import(url);
  if (!latest) throw new Error(`${url} did not call serveChild`);
  return latest;
}
