// Reads vitest's JSON report and prints `passed failed skipped` as three numbers. A file that could not be
// loaded is one failure, because it reports no test of its own.

import { readFileSync } from 'node:fs';
import { argv } from 'node:process';

const report = JSON.parse(readFileSync(argv[2], 'utf8'));
const unloaded = report.testResults.filter(
  (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
);
console.log(
  report.numPassedTests,
  report.numFailedTests + unloaded.length,
  report.numPendingTests + report.numTodoTests,
);
