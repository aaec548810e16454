/** Reads vitest's JSON report. */
import { existsSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'

/**
 * Counts and failures of a run. A file that fails to load, or in a hook, counts as one failed test.
 */
export function readTestReport(file, root) {
  if (!existsSync(file)) return { passed: 0, failures: [] }
  const report = JSON.parse(readFileSync(file, 'utf8'))
  return {
    passed: report.numPassedTests,
    failures: report.testResults.flatMap((result) => failuresOf(result, relative(root, result.name))),
  }
}

function failuresOf({ status, message, assertionResults }, file) {
  const failed = assertionResults.filter((test) => test.status === 'failed')
  if (status === 'failed' && failed.length === 0) return [`${file}\n  ${firstLine(message)}`]
  return failed.map(({ fullName, failureMessages }) => `${file}: ${fullName}\n  ${firstLine(failureMessages[0])}`)
}

function firstLine(text = '') {
  return text.split('\n', 1)[0]
}
