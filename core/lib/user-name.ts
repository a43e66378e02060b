import { userInfo } from 'node:os';

/** The name of the user that runs this process, or the number of one without a name. */
export function ownUserName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}
