import { storeContract } from '../contract/store.ts';
import { createMemoryStore } from './memory-store.ts';

storeContract('the fake store in memory', async () => createMemoryStore());
