import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { createHttpsSource } from '../../core/source/https/https.ts';
import { countIn, privateFolder, pulled } from '../contract/source.ts';
import { SMALL, sql } from '../support/databases.ts';
import { folder } from '../support/files.ts';

// Needs openssl for the certificate.
const startTls = async (): Promise<{ url: string; certificate: string }> => {
  const home = folder();
  const [key, certificate, database] = ['key', 'certificate', 'app.db'].map((name) =>
    join(home, name),
  ) as [string, string, string];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-keyout',
      key,
      '-out',
      certificate,
      ...subject,
    ],
    {
      stdio: 'ignore',
    },
  );
  sql(database, SMALL);
  const server = createServer(
    { key: readFileSync(key), cert: readFileSync(certificate) },
    (request, response) => {
      const away = request.url === '/away.db';
      response
        .writeHead(away ? 302 : 200, away ? { location: 'http://localhost/app.db' } : {})
        .end(readFileSync(database));
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    certificate: readFileSync(certificate, 'utf8'),
  };
};
const pull = (url: string) =>
  createHttpsSource({
    url: new URL(url),
    now: () => new Date(),
    auth: { kind: 'bearer', token: async () => 'hunter2' },
    patience: { pauseMs: 1 },
  }).pull({
    directory: privateFolder(),
  });

test('pulls from a server with a trusted certificate, not from another, and follows no redirect to http', async () => {
  const { url, certificate } = await startTls();
  await expect(pull(`${url}/app.db`)).rejects.toMatchObject({
    code: 'source_unreachable',
    message: expect.stringContaining('certificate'),
    hint: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
  });
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, certificate]);
  onTestFinished(() => setDefaultCACertificates(before));
  expect(countIn(pulled(await pull(`${url}/app.db`)).path, 'notes')).toBe(400);
  await expect(pull(`${url}/away.db`)).rejects.toMatchObject({
    code: 'config_invalid',
    hint: expect.stringContaining('unencrypted'),
  });
});
