#!/usr/bin/env node
/** The `gatehouse` command. Other modules load after the Node version check. */
import './cli/node-version.ts'

async function run(words: readonly string[]): Promise<number> {
  if (words.includes('serve')) {
    const { startWithinLimits } = await import('./cli/deployment/memory.ts')
    startWithinLimits()
  }
  const { runCommand } = await import('./cli/run.ts')
  return runCommand(words)
}

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof Error) || !error.message.startsWith('GATEHOUSE_')) throw error
  process.stderr.write(`gatehouse: ${error.message}\n`)
  process.exitCode = 1
}
