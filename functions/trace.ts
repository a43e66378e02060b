import { AsyncLocalStorage } from 'node:async_hooks';

const currentTrace = new AsyncLocalStorage<string>();

/** Runs the work of one request; its log lines have the trace of the request. */
export function traced<T>(header: string | undefined, work: () => Promise<T>): Promise<T> {
  const id = traceIdOf(header);
  return id === undefined ? work() : currentTrace.run(id, work);
}

/**
 * `projects/P/traces/T` of the current request; `undefined` outside of one or without a project.
 */
export function traceOf(project: string | undefined): string | undefined {
  const id = currentTrace.getStore();
  return id === undefined || !project ? undefined : `projects/${project}/traces/${id}`;
}

/** The trace id in `traceparent` (W3C) or in `x-cloud-trace-context` (Google). */
function traceIdOf(header: string | undefined): string | undefined {
  return (
    /^00-([0-9a-f]{32})-/.exec(header ?? '')?.[1] ?? /^([0-9a-f]{32})(\/|$)/.exec(header ?? '')?.[1]
  );
}
