/** A lifecycle rule of a bucket, in the form of the JSON API. */
export type BucketRule = {
  readonly action: { readonly type: string; readonly storageClass?: string };
  readonly condition: Readonly<Record<string, unknown>>;
};

/** The settings of a bucket that matter to backups. */
export type BucketFacts = {
  readonly name: string;
  readonly location: string;
  readonly storageClass: string;
  readonly rules: readonly BucketRule[];
  readonly publicAccessPrevention: string;
  readonly uniformAccess: boolean;
  /** 0: off. */
  readonly softDeleteSeconds: number;
  readonly versioning: boolean;
  /** The bucket's own retention policy; 0: none. */
  readonly retentionSeconds: number;
  /** Whether nobody can remove or shorten that policy. */
  readonly retentionLocked: boolean;
  readonly defaultEventBasedHold: boolean;
};
