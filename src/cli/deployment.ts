/** The commands `serve`, `check`, `config upgrade`, `migrate` and `trace`. */
import { normalizeReference, type Trace } from '../broker/trace.ts'
import { reportOf } from '../config/check.ts'
import { formatFaults } from '../config/source/fault.ts'
import { renamingText } from '../config/source/renamed.ts'
import { upgradesOf, writeUpgrade } from '../config/upgrade.ts'
import { openLog, routePlainText } from '../main/log.ts'
import { serve } from '../main/main.ts'
import { collectGarbage } from './memory.ts'
import { InvalidConfig, loadConfigAt, readConfig, withCore } from './open.ts'
import type { Options, Output } from './options.ts'

export async function serveUntilStopped(options: Options): Promise<Output> {
  const config = await readConfig(options)
  const log = openLog(config.deployment.log.level)
  routePlainText(log)
  const running = await serve(config, { onLoaded: collectGarbage, log })
  await new Promise<void>((stop) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop())
  })
  await running.stop()
  return ''
}

export async function check(options: Options): Promise<Output> {
  const { ok, text } = reportOf(await loadConfigAt(options))
  return { text, code: ok ? 0 : 1 }
}

export async function upgradeConfig({ config, write }: Options): Promise<Output> {
  const upgrades = upgradesOf(config)
  const faults = upgrades.flatMap((upgrade) => upgrade.faults)
  if (faults.length > 0)
    throw new InvalidConfig(`${formatFaults(faults)}\nno file was changed; correct these errors first`)
  const changed = upgrades.filter(({ renamings }) => renamings.length > 0)
  if (write) changed.forEach(writeUpgrade)
  const lines = changed.flatMap(({ file, renamings }) =>
    renamings.map(
      (renaming) => `${file}:${renaming.line}:${renaming.column}: ${renaming.path} ${renamingText(renaming)}`,
    ),
  )
  const written = write ? 'replaced' : 'to replace; run again with --write'
  const summary = lines.length === 0 ? 'no former names' : `former names: ${lines.length} ${written}`
  return [...lines, summary].join('\n')
}

export const migrate = withCore(async (_core, _options, migrated) =>
  migrated.length === 0 ? 'the database is up to date' : `ran ${migrated.join(', ')}`,
)

export const showTrace = withCore(async ({ storage }, { words: [reference] }) => {
  if (reference === undefined) throw new Error('name the reference, such as 7KQ2-M9XD')
  const trace = await storage.durable.traces.find(normalizeReference(reference))
  if (trace === null)
    throw new Error(`no trace ${reference}: it may be too old, or dropped during a flood of refusals (see the log)`)
  return traceText(trace)
})

function traceText(trace: Trace): string {
  const head = [
    `${trace.reference}  ${trace.tenant}/${trace.connection}  ${trace.startedAt.toISOString()}`,
    `outcome: ${trace.outcome}${trace.code === undefined ? '' : ` (${trace.code}; the ${trace.fixer} can fix it)`}`,
    ...(trace.userId === undefined ? [] : [`user: ${trace.userId}`]),
    ...trace.reasons.map((reason) => `because: ${reason}`),
  ]
  const steps = trace.steps.flatMap((step) => [
    `${String(step.atMs).padStart(7)} ms  ${step.name} (${step.tookMs} ms)${step.note === undefined ? '' : `: ${step.note}`}`,
    ...step.checks.map(({ name, ok, expected, got }) => {
      const said = [expected === undefined ? '' : `expected ${expected}`, got === undefined ? '' : `got ${got}`].filter(
        (word) => word !== '',
      )
      return `            ${ok ? 'ok ' : 'NO '} ${name}${said.length === 0 ? '' : `: ${said.join(', ')}`}`
    }),
  ])
  return `${[...head, ...steps].join('\n')}\n`
}
