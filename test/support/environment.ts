const { PATH, NODE_COMPILE_CACHE } = process.env;

/** What a process that a test starts needs of our environment: nothing that decides what it does. */
export const BARE = { PATH, NODE_COMPILE_CACHE };
