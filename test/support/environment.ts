const { PATH, NODE_COMPILE_CACHE } = process.env;

/** The environment for processes that tests start: no variable that changes their behaviour. */
export const BARE = { PATH, NODE_COMPILE_CACHE };
