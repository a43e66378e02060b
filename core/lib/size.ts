const MIB = 2 ** 20;

/** Bytes for a person: what there is, to a tenth. */
export const exactMib = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`;
/** What is free is never told as more than it is, and what is needed never as less. */
export const freeMib = (bytes: number): string => `${Math.floor(bytes / MIB)} MiB`;
export const neededMib = (bytes: number): string => `${Math.ceil(bytes / MIB)} MiB`;
