import { hideInError, hideInTexts, type Hide } from '../lib/log/redaction.ts';
import type { Notifier } from '../notify/notifier.ts';
import type { App } from './app.ts';

/** The App whose results and errors have no known secret in their texts. */
export function redactedApp(app: App, hide: Hide): App {
  const entries = Object.entries(app).map(([name, value]) => [
    name,
    typeof value === 'function' ? redactedCall(value as Call, hide) : value,
  ]);
  return Object.fromEntries(entries) as App;
}

/** The notifier that sends no known secret. */
export function redactedNotifier(notifier: Notifier, hide: Hide): Notifier {
  return {
    ...notifier,
    notify: (notification, only) => notifier.notify(hideInTexts(notification, hide), only),
  };
}

type Call = (...args: unknown[]) => unknown;

function redactedCall(call: Call, hide: Hide): Call {
  const rethrow = (error: unknown): never => {
    throw hideInError(error, hide);
  };
  return (...args) => {
    try {
      const result = call(...args);
      return result instanceof Promise
        ? result.then((value) => hideInTexts<unknown>(value, hide), rethrow)
        : result;
    } catch (error) {
      return rethrow(error);
    }
  };
}
