import { notJudged, serveChild } from './child.ts';
import { openUntrusted } from './untrusted.ts';
import { judge, judgeStructure, type Engine, type Judgement, type Questions } from './judge.ts';

/** Without questions only the structure is judged. */
type Input = { path: string; questions: Questions | undefined };

async function work({ path, questions }: Input): Promise<Judgement> {
  const db = openUntrusted(path);
  try {
    // The full check looks rows up in their indexes, and a large cache pays; the quick one meets
    // each page once, and is a quarter faster with a small one.
    const cacheKiB = questions?.integrity === 'full' ? 32_768 : 2048;
    db.exec(`pragma cache_size = -${cacheKiB}`);
    const engine: Engine = {
      name: 'node:sqlite',
      version: process.versions['sqlite'] ?? '',
      all: (sql) => db.prepare(sql).all(),
    };
    return questions ? judge(engine, questions) : judgeStructure(engine);
  } finally {
    db.close();
  }
}

serveChild(work, notJudged);
