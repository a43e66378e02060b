import { existsSync } from 'node:fs';
import { createSshSource, type SshOptions } from '../../core/source/ssh.ts';
import { formatSsh } from '../../core/source/ssh/address.ts';
import { sourceContract } from '../contract/source.ts';
import { startProxy, startSshd, type Sshd } from '../support/sshd.ts';

export const sourceOn = ({ user, port, privateKey, hostKey }: Sshd, path: string, more: Partial<SshOptions> = {}) =>
  createSshSource({
    url: formatSsh({ user, host: '127.0.0.1', port, path }),
    privateKey,
    hostKeys: [hostKey],
    patience: { pauseMs: 10 },
    ...more,
  });

sourceContract(
  'the ssh source',
  async (path) => {
    const sshd = await startSshd();
    const proxy = await startProxy(sshd.port);
    return {
      source: sourceOn({ ...sshd, port: proxy.port }, path),
      publish: async () => void existsSync(path),
      cut: (times) => proxy.cut(times, 1_000_000),
      leftovers: () => sshd.leftovers(),
    };
  },
  { versions: false, live: true },
);
