import { copyFile, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '../../core/config/load.ts';
import { LifeboatError, toLifeboatError } from '../../core/lib/errors.ts';
import { ambiguousTexts } from './ambiguous.ts';
import { stage } from './stage.ts';
import { zipFolder } from './zip.ts';

const root = join(import.meta.dirname, '..', '..');

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      config: { type: 'string', default: 'lifeboat.yaml' },
      out: { type: 'string', default: 'build' },
    },
  });
  const config = resolve(values.config);
  const out = resolve(values.out);
  // A configuration that is wrong is refused here, not by five functions that do not start.
  await loadConfig({ configPath: config, cwd: process.cwd(), env: {}, inCloud: true });
  refuseAmbiguous(config, await readFile(config, 'utf8'));
  await stage({ root, folder: join(out, 'functions') });
  const digest = await zipFolder(join(out, 'functions'), join(out, 'lifeboat.zip'));
  // Terraform uploads only a configuration that was checked here.
  await copyFile(config, join(out, 'lifeboat.yaml'));
  console.log(`${join(out, 'lifeboat.zip')} sha256 ${digest}`);
}

function refuseAmbiguous(config: string, yaml: string): void {
  const [first] = ambiguousTexts(yaml);
  if (!first) return;
  const { text, line } = first;
  throw new LifeboatError(
    'config_invalid',
    `Terraform reads ${text} in ${config} (line ${line}) as something else than Lifeboat does`,
    `Put it in quotes: "${text}".`,
  );
}

try {
  await main();
} catch (error) {
  const { message, code, hint } = toLifeboatError(error);
  console.error(code === 'internal' ? `package: ${message}` : `package: ${message}\n${hint}`);
  process.exitCode = 1;
}
