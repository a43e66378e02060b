type QuotaInfo = {
  readonly dimensionsInfos?: readonly {
    readonly applicableLocations?: readonly string[];
    readonly details?: { readonly value?: string };
  }[];
};

const UNITS: Readonly<Record<string, number>> = {
  // Cloud Run counts thousandths of a CPU, and bytes.
  CpuAllocPerProjectRegion: 1000,
  MemAllocPerProjectRegion: 1_048_576,
};

/**
 * The value of a quota of Cloud Run in a region, in CPUs or MiB. `text` is what
 * `gcloud beta quotas info describe --format=json` printed. Empty when it is not there.
 */
export function quotaIn(text: string, region: string): string {
  const info = JSON.parse(text) as QuotaInfo & { readonly quotaId?: string };
  const value = Number(
    info.dimensionsInfos?.find(({ applicableLocations }) => applicableLocations?.includes(region))
      ?.details?.value ?? Number.NaN,
  );
  const unit = UNITS[info.quotaId ?? ''];
  return unit === undefined || !(value > 0) ? '' : String(Math.floor(value / unit));
}
