/** A vitest reporter that prints the slowest test files, hooks included. */
import { seconds } from '../say.mjs'

const maxSlowFiles = 10

// biome-ignore lint/style/noDefaultExport: vitest loads a reporter by its default export
export default class SlowFilesReporter {
  onTestRunEnd(testModules) {
    if (testModules.length < 2) return
    const lines = testModules
      .map((testModule) => ({ file: testModule.relativeModuleId, durationMs: testModule.diagnostic().duration }))
      .toSorted((first, second) => second.durationMs - first.durationMs)
      .slice(0, maxSlowFiles)
      .map(({ file, durationMs }) => `${seconds(durationMs).padStart(8)}  ${file}`)
    process.stdout.write(`\n${lines.length} slowest test files\n${lines.join('\n')}\n`)
  }
}
