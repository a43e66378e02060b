import type { Instance } from '../../hcl/configuration.ts';
import type { Value } from '../../hcl/values.ts';
import { configurationOf, type Choice } from './project.ts';

export type Row = { readonly [key: string]: Value };
export const rows = (value: Value | undefined): readonly Row[] => (value ?? []) as readonly Row[];
export const first = (value: Value | undefined): Row => rows(value)[0] ?? {};
export const instances = async (type: string, choice?: Choice): Promise<Instance[]> =>
  (await configurationOf(choice)).instances(type);
export const shown = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
