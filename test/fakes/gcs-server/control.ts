import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { plan, type Planned } from './faults.ts';
import type { GcsServer } from './server.ts';
import type { Answer } from './uploads.ts';

/**
 * For tests in other processes: GET /fake/calls, POST /fake/faults (a list of planned faults), POST /fake/lifecycle {"bucket", "now"},
 * POST /fake/reset. Any other path describes this server.
 */
export async function control(state: GcsServer, req: IncomingMessage): Promise<Answer> {
  const sent = await text(req);
  const body = sent === '' ? undefined : (JSON.parse(sent) as unknown);
  if (req.url === '/fake/calls') return { status: 200, json: state.calls };
  if (req.url === '/fake/reset') state.reset();
  else if (req.url === '/fake/faults') state.faults = plan(body as Planned[]);
  else if (req.url === '/fake/lifecycle') {
    const { bucket, now } = body as { bucket: string; now?: string };
    if (now !== undefined) state.clock = new Date(now);
    return { status: 200, json: await state.bucket(bucket).applyLifecycle() };
  }
  return {
    status: 200,
    json: {
      fake: 'this is a fake of Google Cloud Storage for the tests of Lifeboat; nothing here is kept',
    },
  };
}
