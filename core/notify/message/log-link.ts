import { HOUR_MS } from '../../lib/text/time.ts';

const MARGIN_MS = HOUR_MS;

/**
 * The Cloud Console page that shows every log line of one run: an hour before to an hour after `at`
 * (ISO 8601). The logger writes the run both as a label and into the line itself. `undefined`
 * without a project: on a host there is no such page.
 */
export function logLink(project: string | undefined, run: string, at: string): string | undefined {
  const moment = Date.parse(at);
  if (!project || !run || Number.isNaN(moment)) return undefined;
  const query = encodedForLog(
    `labels.run=${quotedForLog(run)} OR jsonPayload.run=${quotedForLog(run)}`,
  );
  const [from, to] = [moment - MARGIN_MS, moment + MARGIN_MS].map((each) =>
    encodedForLog(new Date(each).toISOString()),
  );
  return `https://console.cloud.google.com/logs/query;query=${query};timeRange=${from}%2F${to}?project=${encodedForLog(project)}`;
}

// Parentheses and quotes would end the link in mail programs and in Slack.
function encodedForLog(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * The Logs Explorer compares quotedForLog strings; a quote or backslash inside one is escaped by a
 * backslash.
 */
function quotedForLog(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
