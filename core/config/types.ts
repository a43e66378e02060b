import type { InspectOptions, Migrations } from '../sqlite/types.ts';
import type { SourceAddress } from './source-address.ts';

/** How many periods of each kind a backup of that slot is kept. */
export type Retention = {
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
  readonly yearly: number;
};

/** Durations in ms, sizes in bytes, shares from 0.01 to 1. */
export type DatabaseConfig = {
  readonly name: string;
  /** Whether the configuration names it, or it was given by its path. */
  readonly configured: boolean;
  /** Absolute path of a file, or the address without query and secrets. For people, logs and manifests; `origin` is for pulling. */
  readonly source: string;
  /** The source taken apart; its `kind` tells which adapter pulls it. */
  readonly origin: SourceAddress;
  readonly schedule: string | undefined;
  readonly timeZone: string;
  readonly fullEveryMs: number;
  readonly retention: Retention;
  readonly health: {
    readonly url: string | undefined;
    readonly timeoutMs: number;
    /** False: a fault is a warning. */
    readonly required: boolean;
    readonly migrations: {
      readonly framework: Migrations['framework'] | undefined;
      readonly expect: readonly string[];
    };
  };
  readonly assertions: InspectOptions['assertions'];
  readonly guard: {
    /** False: not looked at. */
    readonly shrink: number | false;
    readonly tables: boolean;
    readonly ignore: readonly string[];
    readonly minimumRows: number;
    readonly minimumSize: number;
  };
  readonly inspection: Pick<
    InspectOptions,
    'integrity' | 'sandboxLimit' | 'timeoutMs' | 'allowEmpty' | 'foreignKeys'
  >;
  readonly recipients: readonly string[];
};

/** The presence of a channel switches it on. Secrets are not in here. */
export type NotifyConfig = {
  readonly email:
    | {
        readonly to: readonly string[];
        /** `a@b.c` or `Name <a@b.c>`. */
        readonly from: string;
        /** Undefined: the one whose secret is there, SendGrid first. */
        readonly provider: 'sendgrid' | 'smtp' | undefined;
      }
    | undefined;
  readonly slack: object | undefined;
  readonly telegram: { readonly chat: string } | undefined;
  readonly webhook: { readonly url: string } | undefined;
  readonly repeatMs: number;
};

type Scheduled = {
  /** False: no schedule. */
  readonly schedule: string | false;
  readonly timeZone: string;
};

export type Config = {
  /** Absolute path of a folder, or `gs://bucket[/prefix]`; `parsePlace` takes it apart. */
  readonly store: string;
  /** Further stores, in the same form, none of them the store. */
  readonly copies: readonly string[];
  readonly locale: 'en' | 'pt-BR';
  readonly timeZone: string;
  /** By name; has no other property than these, so any text may be looked up. */
  readonly databases: Readonly<Record<string, DatabaseConfig>>;
  readonly space: { readonly reserve: { readonly share: number } | { readonly bytes: number } };
  readonly restoreTest: Scheduled & { readonly older: number };
  readonly watch: Scheduled & { readonly graceMs: number; readonly ping: string | undefined };
  readonly notify: NotifyConfig;
};
