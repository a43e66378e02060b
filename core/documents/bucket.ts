/** The lifecycle rule of a bucket, as the JSON API has it. */
export type BucketRule = {
  readonly action: { readonly type: string; readonly storageClass?: string };
  readonly condition: Readonly<Record<string, unknown>>;
};

/** What a bucket's metadata says that matters to backups. */
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
  readonly defaultEventBasedHold: boolean;
};
