import type { BucketRule } from '../../../core/documents/bucket.ts';

export type Kind = 'create' | 'get' | 'list' | 'update' | 'delete' | 'bucket';

/** The prefixes below which an identity may make each kind of call. Anything else is refused. */
export type Policy = { readonly identity: string } & {
  readonly [kind in Kind]?: readonly string[];
};

/** One request that the fake received. `position` counts the requests since the last `reset`. */
export type Call = {
  readonly position: number;
  readonly kind:
    | 'insert'
    | 'session'
    | 'chunk'
    | 'status'
    | 'cancel'
    | 'download'
    | 'get'
    | 'list'
    | 'patch'
    | 'delete'
    | 'bucket'
    | 'permissions'
    | 'buckets';
  readonly method: string;
  readonly url: string;
  readonly name: string;
  readonly identity: string;
  readonly range: string;
  answer: number;
};

/** A fault of one request. With `afterwards` the request takes effect and only its response changes. */
export type Fault =
  | {
      readonly type: 'status';
      readonly status: number;
      readonly message?: string;
      readonly reason?: string;
      readonly afterwards?: boolean;
    }
  | { readonly type: 'reset'; readonly afterwards?: boolean }
  | { readonly type: 'cut'; readonly after: number }
  | { readonly type: 'stall'; readonly after?: number }
  | { readonly type: 'corrupt'; readonly at?: number }
  | { readonly type: 'forgetful' }
  | { readonly type: 'slow'; readonly ms: number };
export type FaultFor = (call: Call) => Fault | undefined;

export type BucketSettings = {
  readonly lifecycle?: { readonly rule: readonly BucketRule[] };
  readonly [setting: string]: unknown;
};

export type Meta = {
  name: string;
  size: number;
  crc32c: string;
  md5Hash?: string;
  contentType: string;
  generation: string;
  metageneration: string;
  timeCreated: string;
  customTime?: string;
  temporaryHold?: boolean;
  metadata?: Record<string, string>;
};

export class ApiFault extends Error {
  readonly status: number;
  readonly reason: string;
  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}
