import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import {
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { onTestFinished } from 'vitest';

export type FakeJob = {
  schedule: string;
  timeZone?: string;
  state?: 'ENABLED' | 'PAUSED' | 'DISABLED' | 'UPDATE_FAILED';
  /** Of the last attempt, as google.rpc.Status. */
  status?: { code: number; message: string };
  /** When it runs next, as google.protobuf.Timestamp. */
  scheduleTime?: { seconds: number };
};
type Asked = { name: string };
type AskedForAll = { parent: string; pageSize: number; pageToken: string };

// What lies beside the client's entry, and the common types beside that of the gax which the client itself finds.
const client = createRequire(import.meta.url).resolve('@google-cloud/scheduler');
const protos = join(dirname(client), '..', 'protos');
const common = join(dirname(createRequire(client).resolve('google-gax')), '..', 'protos');

/** A FAKE of Google Cloud Scheduler over gRPC, from the client's own protos: it answers GetJob and ListJobs alone, listens on 127.0.0.1, and stops with the test. */
export async function startScheduler(parent: string, jobs: Record<string, FakeJob>) {
  const definition = loadSync('google/cloud/scheduler/v1/cloudscheduler.proto', {
    includeDirs: [protos, common],
    enums: String,
    defaults: true,
  });
  const service = definition[
    'google.cloud.scheduler.v1.CloudScheduler'
  ] as unknown as ServiceDefinition;
  const asked: string[] = [];
  const state = {
    jobs,
    asked,
    failing: undefined as { code: number; details: string } | undefined,
    pageSize: 500,
    silent: false,
  };
  const server = new Server();
  server.addService(service, {
    GetJob: ({ request }: ServerUnaryCall<Asked, unknown>, done: sendUnaryData<unknown>) => {
      asked.push(request.name);
      if (state.failing) return done(state.failing);
      const [before, name = ''] = request.name.split('/jobs/');
      const job = before === parent ? state.jobs[name] : undefined;
      if (!job) return done({ code: 5, details: 'Job not found.' });
      return done(null, { name: request.name, state: 'ENABLED', timeZone: 'UTC', ...job });
    },
    ListJobs: (
      { request }: ServerUnaryCall<AskedForAll, unknown>,
      done: sendUnaryData<unknown>,
    ) => {
      asked.push(
        `${request.parent}/jobs?pageSize=${request.pageSize}&pageToken=${request.pageToken}`,
      );
      if (state.silent) return;
      if (state.failing) return done(state.failing);
      const all = request.parent === parent ? Object.entries(state.jobs) : [];
      const from = Number(request.pageToken || 0);
      const to = from + Math.min(request.pageSize, state.pageSize);
      const jobs = all.slice(from, to).map(([name, job]) => ({
        name: `${parent}/jobs/${name}`,
        state: 'ENABLED',
        timeZone: 'UTC',
        ...job,
      }));
      return done(null, { jobs, nextPageToken: to < all.length ? String(to) : '' });
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  onTestFinished(() => server.forceShutdown());
  return Object.assign(state, { endpoint: `127.0.0.1:${port}` });
}
