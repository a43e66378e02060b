const MIB = 2 ** 20;

/** Bytes for a person: what there is, to a tenth. */
export function exactMib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}

/** What is free is never told as more than it is, and what is needed never as less. */
export function freeMib(bytes: number): string {
  return `${Math.floor(bytes / MIB)} MiB`;
}

export function neededMib(bytes: number): string {
  return `${Math.ceil(bytes / MIB)} MiB`;
}
