/** The commands `serve`, `check`, `migrate` and `trace`, and how commands open the core. */
import { providers } from '../../providers/index.ts'
import { normalizeReference, type Trace } from '../broker/trace.ts'
import { reportOf } from '../config/check.ts'
import { type LoadedConfig, loadConfig } from '../config/load.ts'
import { formatFaults } from '../config/source/fault.ts'
import { renamingText } from '../config/source/renamed.ts'
import { upgradesOf, writeUpgrade } from '../config/upgrade.ts'
import { type Core, openCore } from '../main/core.ts'
import { openLog } from '../main/log.ts'
import { serve } from '../main/main.ts'
import { collectGarbage } from './collect-garbage.ts'
import type { Options } from './options.ts'
import { print } from './output.ts'
import { routePlainText } from './plain-text.ts'

/** Null when the configuration is invalid; its errors are printed then. */
export async function readConfig({ config }: Options): Promise<LoadedConfig | null> {
  const loaded = await loadConfig({ directory: config, environment: process.env, providers })
  if (loaded.ok) return loaded
  process.stderr.write(`${reportOf(loaded).text}\n`)
  return null
}

/** Runs a command with an open core. */
export async function withCore(options: Options, work: (core: Core) => Promise<number>): Promise<number> {
  const config = await readConfig(options)
  if (config === null) return 1
  const core = await openCore(config, openLog('silent'))
  try {
    await core.storage.migrate()
    return await work(core)
  } finally {
    await core.close()
  }
}

export async function serveUntilStopped(options: Options): Promise<number> {
  const config = await readConfig(options)
  if (config === null) return 1
  const log = openLog(config.deployment.log.level)
  routePlainText(log)
  const running = await serve(config, { onLoaded: collectGarbage, log })
  await new Promise<void>((stop) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop())
  })
  await running.stop()
  return 0
}

export async function check({ config }: Options): Promise<number> {
  const loaded = await loadConfig({ directory: config, environment: process.env, providers })
  const { ok, text } = reportOf(loaded)
  print(text)
  return ok ? 0 : 1
}

export async function upgradeConfig({ config, write }: Options): Promise<number> {
  const upgrades = upgradesOf(config)
  const faults = upgrades.flatMap((upgrade) => upgrade.faults)
  if (faults.length > 0) {
    process.stderr.write(`${formatFaults(faults)}\nno file was changed; correct these errors first\n`)
    return 1
  }
  const changed = upgrades.filter(({ renamings }) => renamings.length > 0)
  if (write) changed.forEach(writeUpgrade)
  const lines = changed.flatMap(({ file, renamings }) =>
    renamings.map(
      (renaming) => `${file}:${renaming.line}:${renaming.column}: ${renaming.path} ${renamingText(renaming)}`,
    ),
  )
  const written = write ? 'replaced' : 'to replace; run again with --write'
  const summary = lines.length === 0 ? 'no former names' : `former names: ${lines.length} ${written}`
  process.stdout.write(`${[...lines, summary].join('\n')}\n`)
  return 0
}

export async function migrate(options: Options): Promise<number> {
  const config = await readConfig(options)
  if (config === null) return 1
  const core = await openCore(config, openLog('silent'))
  try {
    const names = await core.storage.migrate()
    print(names.length === 0 ? 'the database is up to date' : `ran ${names.join(', ')}`)
    return 0
  } finally {
    await core.close()
  }
}

export async function showTrace(options: Options): Promise<number> {
  const [reference] = options.words
  if (reference === undefined) throw new Error('name the reference, such as 7KQ2-M9XD')
  return withCore(options, async (core) => {
    const trace = await core.storage.durable.traces.find(normalizeReference(reference))
    if (trace === null)
      throw new Error(`no trace ${reference}: it may be too old, or dropped during a flood of refusals (see the log)`)
    print(traceText(trace))
    return 0
  })
}

export function traceText(trace: Trace): string {
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
