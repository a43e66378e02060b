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
  /** The google.rpc.Status of the last attempt. */
  status?: { code: number; message: string };
  /** The time of the next run, as google.protobuf.Timestamp. */
  scheduleTime?: { seconds: number };
  /** The topic and message. By default those that the Terraform files write for this job name. */
  pubsubTarget?: { topicName: string; data: Buffer };
  /** Instead of a topic. */
  httpTarget?: {
    uri: string;
    body: Buffer;
    httpMethod?: string;
    oidcToken?: { serviceAccountEmail: string; audience: string };
    oauthToken?: { serviceAccountEmail: string };
  };
};
type Asked = { name: string };
type AskedForAll = { parent: string; pageSize: number; pageToken: string };

// The protos beside the client, and the common types beside the gax that the client resolves.
const client = createRequire(import.meta.url).resolve('@google-cloud/scheduler');
const protos = join(dirname(client), '..', 'protos');
const common = join(dirname(createRequire(client).resolve('google-gax')), '..', 'protos');

/** A FAKE of Google Cloud Scheduler over gRPC, from the client's own protos: it serves GetJob and ListJobs only, listens on 127.0.0.1 and stops with the test. */
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
    /** The number of calls that fail; all when undefined. */
    failures: undefined as number | undefined,
    pageSize: 500,
    silent: false,
  };
  const failure = () => {
    if (state.failures === undefined) return state.failing;
    state.failures -= 1;
    return state.failures >= 0 ? state.failing : undefined;
  };
  const server = new Server();
  server.addService(service, {
    GetJob: ({ request }: ServerUnaryCall<Asked, unknown>, done: sendUnaryData<unknown>) => {
      asked.push(request.name);
      const error = failure();
      if (error) return done(error);
      const [before, name = ''] = request.name.split('/jobs/');
      const job = before === parent ? state.jobs[name] : undefined;
      if (!job) return done({ code: 5, details: 'Job not found.' });
      return done(null, { name: request.name, ...defaultsOf(name, job), ...job });
    },
    ListJobs: (
      { request }: ServerUnaryCall<AskedForAll, unknown>,
      done: sendUnaryData<unknown>,
    ) => {
      asked.push(
        `${request.parent}/jobs?pageSize=${request.pageSize}&pageToken=${request.pageToken}`,
      );
      if (state.silent) return;
      const error = failure();
      if (error) return done(error);
      const all = request.parent === parent ? Object.entries(state.jobs) : [];
      const from = Number(request.pageToken || 0);
      const to = from + Math.min(request.pageSize, state.pageSize);
      const jobs = all.slice(from, to).map(([name, job]) => ({
        name: `${parent}/jobs/${name}`,
        ...defaultsOf(name, job),
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

/** Jobs as infra/module/triggers.tf creates them. */
function defaultsOf(name: string, { httpTarget }: FakeJob) {
  const database = /^lifeboat-backup-(.*)$/.exec(name)?.[1];
  const message = { database: database ?? '*', kind: 'auto', reason: 'schedule' };
  return {
    state: 'ENABLED',
    timeZone: 'UTC',
    ...(httpTarget === undefined && {
      pubsubTarget: {
        topicName: `projects/acme/topics/${database === undefined ? name : 'lifeboat-backup'}`,
        data: Buffer.from(JSON.stringify(message)),
      },
    }),
  };
}
