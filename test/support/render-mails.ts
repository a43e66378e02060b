import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../core/notify/message/message.ts';
import { ALARMS, alarmSample, HOSTILE, SAMPLES } from './notifications.ts';

/**
 * Writes every kind of mail, in both languages, as HTML into a folder for viewing in a browser:
 * `node test/support/render-mails.ts <folder>`. `<kind>.dark.html` shows `prefers-color-scheme: dark`.
 */
export function renderMails(folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  const names: string[] = [];
  const put = (name: string, html: string): void => {
    writeFileSync(join(folder, `${name}.html`), html);
    const dark = html
      .replace('(prefers-color-scheme:dark)', 'all')
      .replace(':root{color-scheme:light dark', ':root{color-scheme:dark');
    writeFileSync(join(folder, `${name}.dark.html`), dark);
    names.push(name);
  };
  const alarms = Object.entries(ALARMS).map(
    ([alarm, fault]) => [`alarm-${alarm}`, alarmSample(fault)] as const,
  );
  for (const locale of ['en', 'pt-BR'] as const)
    for (const [kind, notification] of [...Object.entries(SAMPLES), ...alarms])
      put(`${kind}.${locale}`, messageOf(notification, locale).html);
  put('hostile.en', messageOf(HOSTILE, 'en').html);
  return names;
}

const [, script, folder] = process.argv;
if (script === import.meta.filename && folder !== undefined)
  console.log(renderMails(folder).join('\n'));
