/** `npm run examples`: signs in to every example in Chromium, against a quickstart of its own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pLimit from 'p-limit'
import { launchBrowser } from '../../test/support/browser/launch.ts'
import { startQuickstart } from '../../test/support/servers/quickstart.ts'
import { apps } from './apps.ts'
import type { Example, Setting } from './example.ts'
import { isOnPath } from './program.ts'
import { proxies } from './proxies.ts'
import { openRegistration } from './register.ts'
import { formatTable, type Result } from './table.ts'

const examples = [...apps, ...proxies]

/** The examples to run, or undefined for an unknown name. */
function chosen(args: readonly string[]): readonly Example[] | undefined {
  const { values } = parseArgs({ args: [...args], options: { only: { type: 'string', multiple: true } } })
  const names = values.only?.flatMap((each) => each.split(','))
  const unknown = names?.find((name) => !examples.some((example) => example.name === name))
  if (unknown === undefined) return examples.filter(({ name }) => names === undefined || names.includes(name))
  process.stderr.write(`There is no example ${unknown}: ${examples.map(({ name }) => name).join(', ')}\n`)
  return undefined
}

async function runAll(runnable: readonly Example[], folder: string): Promise<readonly Result[]> {
  const [quickstart, browser] = await Promise.all([startQuickstart(), launchBrowser()])
  try {
    const setting = { quickstart, browser, folder, register: await openRegistration(quickstart) }
    const twoAtOnce = pLimit(2)
    return await Promise.all(runnable.map((example) => twoAtOnce(() => runOne(example, setting))))
  } finally {
    await browser.close()
    await quickstart.stop()
  }
}

async function runOne(example: Example, setting: Setting): Promise<Result> {
  const began = Date.now()
  const result = await example.run(setting).then(
    () => ({ name: example.name, outcome: 'ran' }) as const,
    (error: Error) => ({ name: example.name, outcome: 'failed', why: error.message }) as const,
  )
  process.stderr.write(`${result.outcome}  ${result.name}\n`)
  return { ...result, seconds: (Date.now() - began) / 1000 }
}

async function main(args: readonly string[]): Promise<number> {
  const wanted = chosen(args)
  if (wanted === undefined) return 1
  const missing = ({ needs }: Example) => needs.filter((program) => !isOnPath(program))
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-examples-'))
  try {
    const runnable = wanted.filter((example) => missing(example).length === 0)
    const results = runnable.length === 0 ? [] : await runAll(runnable, folder)
    const rows = wanted.map(
      (example): Result =>
        results.find(({ name }) => name === example.name) ?? {
          name: example.name,
          outcome: 'skipped',
          why: `not on the PATH: ${missing(example).join(', ')}`,
        },
    )
    process.stdout.write(formatTable(rows))
    return rows.some(({ outcome }) => outcome === 'failed') ? 1 : 0
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
const code = await main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`)
  return 1
})
process.exit(code)
