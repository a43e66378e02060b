import { readFile } from 'node:fs/promises';
import initSqlJs, { type Database } from 'sql.js';
import { notJudged, serveChild } from './child.ts';
import { judgeDatabase, type Judgement, type JudgeQuestions } from './judge/judge.ts';

// What SQLite may allocate beside the file itself: its cache takes 2 MiB, and a hostile expression any amount.
const HEAP_LIMIT = 256 * 2 ** 20;

type SandboxInput = { path: string; questions: JudgeQuestions };

function rowsOf(db: Database, sql: string): Record<string, unknown>[] {
  const statement = db.prepare(sql);
  try {
    const rows: Record<string, unknown>[] = [];
    while (statement.step()) rows.push(statement.getAsObject());
    return rows;
  } finally {
    statement.free();
  }
}

function countSteps(db: Database, sql: string): number {
  const statement = db.prepare(sql);
  try {
    let count = 0;
    while (statement.step()) count += 1;
    return count;
  } finally {
    statement.free();
  }
}

async function judgeInSandbox({ path, questions }: SandboxInput): Promise<Judgement> {
  const SQL = await initSqlJs();
  const bytes = await readFile(path);
  // There is no -wal support in memory: bytes 18 and 19 say rollback mode in this private copy of
  // the bytes alone.
  if (bytes.length > 19) bytes.fill(1, 18, 20);
  const db = new SQL.Database(bytes);
  db.run(`pragma hard_heap_limit = ${HEAP_LIMIT}`);
  db.run('pragma trusted_schema = off; pragma query_only = on; pragma cell_size_check = on');
  const version = rowsOf(db, 'select sqlite_version() as v')[0]?.['v'];
  return judgeDatabase(
    {
      name: 'sql.js',
      version: typeof version === 'string' ? version : '',
      all: (sql) => rowsOf(db, sql),
      count: (sql) => countSteps(db, sql),
    },
    questions,
  );
}

serveChild(judgeInSandbox, notJudged);
