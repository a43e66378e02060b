import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createShop } from '../../demo/shop.ts';
import { countIn, privateFolder, pulled } from '../contract/source.ts';
import { folder } from '../support/files.ts';
import { sourceOn, startProxy, startSshd, type Sshd } from '../support/sshd.ts';
import { expectConsistent, startWriter } from '../support/writer.ts';

const large = (): string => {
  const path = join(folder(), 'shop.db');
  createShop(path, 60 * 2 ** 20);
  return path;
};
/** The processes that the host still runs for us, recognised by the temporary folder. */
const processesIn = (temporary: string): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
        return environment.includes(`TMPDIR=${temporary}\0`)
          ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')]
          : [];
      } catch {
        return [];
      }
    });
const expectClean = async (sshd: Sshd, waitMs?: number) => {
  expect(await sshd.leftovers(waitMs)).toEqual([]);
  for (let wait = 0; processesIn(sshd.temporary).length > 0 && wait < 200; wait += 1)
    await sleep(50);
  expect(processesIn(sshd.temporary)).toEqual([]);
};

describe('a connection that breaks', () => {
  test.each([[2_500], [6_000], [300_000], [5_000_000]])(
    'after %i bytes leaves nothing on the host, and the next attempt succeeds',
    async (bytes) => {
      const [sshd, path] = [await startSshd(), large()];
      const proxy = await startProxy(sshd.port);
      proxy.cut(1, bytes);
      const { path: copy } = pulled(
        await sourceOn({ ...sshd, port: proxy.port }, path).pull({ directory: privateFolder() }),
      );
      expect(countIn(copy, 'orders')).toBeGreaterThan(0);
      expect(proxy.connections()).toBe(2);
      await expectClean(sshd);
    },
  );

  test('silently is noticed on both sides, and the host cleans up by itself', async () => {
    const [sshd, path] = [await startSshd(), large()];
    const proxy = await startProxy(sshd.port);
    proxy.cut(1000, 3_000_000, 'silence');
    const source = sourceOn({ ...sshd, port: proxy.port }, path, {
      patience: { idleMs: 3000, attempts: 1, pauseMs: 1 },
      hostPatienceMs: 3000,
    });
    const directory = privateFolder();
    await expect(source.pull({ directory })).rejects.toMatchObject({ code: 'source_unreachable' });
    expect(readdirSync(directory)).toEqual([]);
    await expectClean(sshd, 30_000);
  });

  test('repeatedly during writes never gives a torn copy', async () => {
    const path = join(folder(), 'busy.db');
    const writer = await startWriter(path, 'delete', 20);
    const sshd = await startSshd();
    const proxy = await startProxy(sshd.port);
    for (const bytes of [3_000, 200_000, 900_000]) {
      proxy.cut(1, bytes);
      expectConsistent(
        pulled(
          await sourceOn({ ...sshd, port: proxy.port }, path).pull({ directory: privateFolder() }),
        ).path,
      );
    }
    expect(writer.turns()).toBeGreaterThan(0);
    await expectClean(sshd);
  });
});

test('the next run sweeps what killed processes left on a host, and nothing of running ones', async () => {
  const [sshd, path] = [await startSshd(), large()];
  const dead = join(sshd.temporary, 'lifeboat-ssh.dead01');
  const alive = join(sshd.temporary, 'lifeboat-ssh.alive1');
  const recycled = join(sshd.temporary, 'lifeboat-ssh.recyc1');
  const stranger = join(sshd.temporary, 'lifeboat-ssh.strang');
  const [nameless, yesterday] = [
    join(sshd.temporary, 'lifeboat-ssh.namele'),
    new Date(Date.now() - 2 * 86_400_000),
  ];
  for (const each of [dead, alive, recycled, stranger, nameless]) mkdirSync(each);
  utimesSync(nameless, yesterday, yesterday);
  const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(process.pid)], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  writeFileSync(join(dead, 'owner'), '999999999 Tue Nov 24 07:00:00 2026\n');
  writeFileSync(join(alive, 'owner'), `${process.pid} ${started.trim()}\n`);
  writeFileSync(join(recycled, 'owner'), `${process.pid} Tue Nov 24 07:00:00 2020\n`);
  await sourceOn(sshd, path).pull({ directory: privateFolder() });
  expect(readdirSync(sshd.temporary).sort()).toEqual([
    'lifeboat-ssh.alive1',
    'lifeboat-ssh.strang',
  ]);
});

test('a host whose shell is killed is clean as soon as the connection ends', async () => {
  const [sshd, path] = [await startSshd(), large()];
  const pulling = sourceOn(sshd, path, { patience: { attempts: 1 } }).pull({
    directory: privateFolder(),
  });
  pulling.catch(() => undefined);
  let owner: string | undefined;
  for (let wait = 0; owner === undefined && wait < 5000; wait += 1) {
    const name = readdirSync(sshd.temporary)[0];
    try {
      // By then the watcher runs; a moment earlier only the next run would sweep.
      owner =
        name && existsSync(join(sshd.temporary, name, 'copy'))
          ? readFileSync(join(sshd.temporary, name, 'owner'), 'utf8').split(' ')[0]
          : undefined;
    } catch {
      owner = undefined;
    }
    await sleep(2);
  }
  process.kill(Number(owner), 'SIGKILL');
  await expect(pulling).rejects.toMatchObject({ code: 'source_unreachable' });
  await expectClean(sshd, 20_000);
});
