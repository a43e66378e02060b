import { AsyncLocalStorage } from 'node:async_hooks';

const current = new AsyncLocalStorage<string>();

/** Runs the work of one request, whose lines in the log carry its trace. */
export function traced<T>(header: string | undefined, work: () => Promise<T>): Promise<T> {
  const id = idOf(header);
  return id === undefined ? work() : current.run(id, work);
}

/** `projects/P/traces/T` of the request that is being worked on; `undefined` outside of one, or where the project is not known. */
export function traceOf(project: string | undefined): string | undefined {
  const id = current.getStore();
  return id === undefined || !project ? undefined : `projects/${project}/traces/${id}`;
}

/** The trace id of a request: `traceparent` (W3C), or Google's own header, whose first part it is. */
function idOf(header: string | undefined): string | undefined {
  return (
    /^00-([0-9a-f]{32})-/.exec(header ?? '')?.[1] ?? /^([0-9a-f]{32})(\/|$)/.exec(header ?? '')?.[1]
  );
}
