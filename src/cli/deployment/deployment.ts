/** The commands `serve`, `check`, `config upgrade` and `migrate`. */
import { reportOf } from '../../config/check.ts'
import { formatFaults } from '../../config/source/fault.ts'
import { renamingText } from '../../config/source/renamed.ts'
import { upgradesOf, writeUpgrade } from '../../config/upgrade.ts'
import { prettyDestination } from '../../main/log/pretty.ts'
import { openLog, routePlainText } from '../../main/log.ts'
import { serve } from '../../main/main.ts'
import { InvalidConfig, loadConfigAt, readConfig, withMigratedCore } from '../open.ts'
import type { Options, Output } from '../options.ts'
import { collectGarbage } from './memory.ts'

export async function serveUntilStopped(options: Options): Promise<Output> {
  const config = await readConfig(options)
  const { level, format } = config.deployment.log
  const output = { isTerminal: process.stdout.isTTY, noColor: (process.env['NO_COLOR'] ?? '') !== '' }
  const log = openLog(level, await prettyDestination(format, output))
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

export const migrate = withMigratedCore(async (_core, _options, migrated) =>
  migrated.length === 0 ? 'the database is up to date' : `ran ${migrated.join(', ')}`,
)
