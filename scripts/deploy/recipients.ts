import { chmod, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises';
import { isMap, isScalar, parseDocument } from 'yaml';

/** Writes these recipients for the databases into lifeboat.yaml: all of it or nothing. */
export async function writeRecipients(
  config: string,
  databases: readonly string[],
  recipients: readonly string[],
): Promise<void> {
  // A link stays one, and the file stays readable for whom it was: infra/deploy has a strict umask.
  const path = await realpath(config);
  const { mode } = await stat(path);
  const temporary = `${path}.tmp`;
  const text = await readFile(path, 'utf8');
  await writeFile(temporary, withRecipients(text, databases, recipients));
  await chmod(temporary, mode & 0o7777);
  await rename(temporary, path);
}

/** The text of lifeboat.yaml with these recipients for the databases; its comments stay. */
export function withRecipients(
  text: string,
  databases: readonly string[],
  recipients: readonly string[],
): string {
  const document = parseDocument(text);
  const entries = document.get('databases');
  if (!isMap(entries)) return text;
  for (const { key } of entries.items) {
    // A name like 2024 is a number in YAML.
    const name = isScalar(key) ? String(key.value) : '';
    if (databases.includes(name))
      document.setIn(['databases', key, 'encryption', 'recipients'], [...recipients]);
  }
  return document.toString({ lineWidth: 0 });
}
