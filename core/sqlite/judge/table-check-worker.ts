import { parentPort, workerData } from 'node:worker_threads';
import { pragmaOn } from '../engine.ts';
import { shorten } from './findings.ts';
import { findingsOf } from './integrity.ts';
import type { TableChecks } from './table-checks.ts';
import { openForJudging } from '../untrusted.ts';

const { path, names, next, ...reading } = workerData as TableChecks;
const checkedFile = openForJudging(path, reading);
const engine = { all: (sql: string) => checkedFile.prepare(sql).all() };
const counter = new Int32Array(next);
const findings: string[] = [];

for (let at = nextTable(); at < names.length; at = nextTable())
  for (const finding of findingsOf(engine, pragmaOn('integrity_check', names[at] ?? '')))
    findings.push(shorten(finding));
checkedFile.close();
parentPort?.postMessage(findings);

function nextTable(): number {
  return Atomics.add(counter, 0, 1);
}
