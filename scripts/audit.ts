import { spawnSync } from 'node:child_process';

// Fails when a production dependency has a known vulnerability. Without the registry's advisories
// nothing can be said, so the check is skipped, and says so.
type Report = {
  readonly metadata?: { readonly vulnerabilities: Readonly<Record<string, number>> };
  readonly vulnerabilities?: Readonly<
    Record<string, { readonly severity: string; readonly range: string }>
  >;
};

const { stdout, stderr } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
  encoding: 'utf8',
  timeout: 120_000,
});
process.exitCode = judge(reportOf(stdout), stderr);

function judge(report: Report, errors: string): number {
  if (!report.metadata || !report.vulnerabilities) {
    const reason = errors.trim().split('\n')[0] ?? '';
    process.stdout.write(`skipped: the registry gave no advisories (${reason})\n`);
    return 0;
  }
  const known = Object.entries(report.vulnerabilities);
  for (const [name, { severity, range }] of known)
    process.stdout.write(`${severity}: ${name} ${range}\n`);
  process.stdout.write(
    known.length === 0
      ? 'no known vulnerability in production dependencies\n'
      : `${known.length} production dependencies have known vulnerabilities\n`,
  );
  return known.length === 0 ? 0 : 1;
}

function reportOf(text: string): Report {
  try {
    return JSON.parse(text) as Report;
  } catch {
    return {};
  }
}
