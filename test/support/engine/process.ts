import { registerHooks } from 'node:module';
import type { Work } from './serve.ts';

// Serves requests to the modules of core/sqlite that the product runs in a new child process for each request.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === './child.ts' && context.parentURL?.endsWith('-child.ts')
      ? next('./serve.ts', { ...context, parentURL: import.meta.url })
      : next(specifier, context),
});
const { workOf } = await import('./serve.ts');
const works = new Map<string, Work>();

process.once('disconnect', () => process.exit(0));
process.on('message', ({ url, input }: { url: string; input: never }) => void serve(url, input));

async function serve(url: string, input: never): Promise<void> {
  const { work, faultOf } = works.get(url) ?? (await workOf(url));
  works.set(url, { work, faultOf });
  try {
    const result = await work(input, async (part) => void process.send?.({ part }));
    process.send?.({ result });
  } catch (error) {
    process.send?.({ fault: faultOf(error, input) });
  }
}
