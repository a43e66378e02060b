import { placeFile } from './place-file.ts';

// A process that a test can kill at any file operation.
const [content = '', to = '', temporary = ''] = process.argv.slice(2);
await placeFile(content, to, temporary);
