// Adds up the reports of the suites. Every test is meant to run here, so a skipped one fails the run.
import { existsSync, readFileSync } from 'node:fs';

const sums = { passed: 0, failed: 0, skipped: 0 };
for (const file of process.argv.slice(2)) {
  if (!existsSync(file)) {
    sums.failed += 1;
    console.log(`failed: there is no report ${file}`);
    continue;
  }
  const report = JSON.parse(readFileSync(file, 'utf8'));
  sums.passed += report.numPassedTests;
  // A suite can fail without a failed test, for example by an error outside of every test.
  sums.failed += report.numFailedTests + (report.success || report.numFailedTests > 0 ? 0 : 1);
  for (const { assertionResults } of report.testResults) {
    for (const { status, fullName } of assertionResults) {
      if (status === 'passed' || status === 'failed') continue;
      sums.skipped += 1;
      console.log(`skipped: ${fullName}`);
    }
  }
}
console.log(`${sums.passed} passed, ${sums.failed} failed, ${sums.skipped} skipped`);
process.exitCode = sums.failed + sums.skipped > 0 || sums.passed === 0 ? 1 : 0;
