import { existsSync } from 'node:fs';
import { sourceContract } from '../contract/source.ts';
import { sourceOn, startProxy, startSshd } from '../support/sshd.ts';

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
  { versions: false, live: true, remote: true },
);
