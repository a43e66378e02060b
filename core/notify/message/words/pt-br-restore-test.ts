import { isCode } from '../../../lib/errors.ts';
import { reasonOfCode } from './pt-br-problems.ts';

// The sentences of core/restore: `restore-test.ts` and `compare.ts`.
const SENTENCES: readonly (readonly [RegExp, string])[] = [
  [/^there is no backup$/, 'não existe nenhum backup'],
  [
    /^the newest backup is ([\d.]+) days old, and its schedule asks for a newer one$/,
    'o último backup tem $1 dias, e o agendamento pede um mais novo',
  ],
  [
    /^the schema is another one than when it was backed up$/,
    'o esquema é diferente do que foi salvo no backup',
  ],
  [/^the table (.+) cannot be read$/, 'não foi possível ler a tabela $1'],
  [/^the table (.+) has (\d+) rows instead of (\d+)$/, 'a tabela $1 tem $2 linhas em vez de $3'],
  [/^the migrations are (.+) instead of (.+)$/, 'as migrações são $1 em vez de $2'],
  [/^assertion: (.+?) fails(?:: (.+))?$/, 'a asserção $1 falhou: $2'],
  [/^([\w-]+) fails(?:: (.+))?$/, 'a verificação $1 falhou: $2'],
];

/**
 * The reason in a row of a restore test, in Portuguese. The id of the backup stays in front; of an
 * error, its message follows, because people search for it. Any other text stays as it is.
 */
export function explainRowInPortuguese(message: string): string {
  const [, id = '', text = message] = /^(\d{8}T\d{6}Z-[0-9a-f]{8}: )?([^]*)$/.exec(message) ?? [];
  const [, code = '', original = ''] = /^([a-z_]+): ([^]*)$/.exec(text) ?? [];
  if (isCode(code)) return `${id}${reasonOfCode(code)} (${code}: ${original})`;
  const [pattern, sentence] = SENTENCES.find(([each]) => each.test(text)) ?? [];
  if (!pattern || sentence === undefined) return message;
  return id + text.replace(pattern, sentence).replace(/: $/, '');
}
