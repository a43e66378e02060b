import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { serveChild } from './child.ts';
import { judge, judgeStructure, type Engine, type Judgement, type Questions } from './judge.ts';

/** Without questions only the structure is judged. */
type Input = { path: string; questions: Questions | undefined };

const work = async ({ path, questions }: Input): Promise<Judgement> => {
  const db = new DatabaseSync(new URL(`${pathToFileURL(path).href}?immutable=1`), {
    readOnly: true,
    allowExtension: false,
    defensive: true,
  });
  try {
    db.exec('pragma trusted_schema = off; pragma query_only = on; pragma cache_size = -32768; pragma cell_size_check = on');
    const engine: Engine = { name: 'node:sqlite', version: process.versions['sqlite'] ?? '', all: (sql) => db.prepare(sql).all() };
    return questions ? judge(engine, questions) : judgeStructure(engine);
  } finally {
    db.close();
  }
};

serveChild(work, (error) => ({
  code: 'internal',
  message: error instanceof Error ? error.message : String(error),
  hint: 'Report it with the database if you can.',
}));
