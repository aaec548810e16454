/** The real Caddy with the configuration of examples/caddy, in a folder of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { filledIn, untilListening } from './nginx.ts'

export interface Caddy {
  stop(): Promise<void>
}

/** @param values replacements of texts of the Caddyfile; each must occur in it */
export async function startCaddy(port: number, values: Readonly<Record<string, string>>): Promise<Caddy> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-caddy-'))
  const example = await readFile(new URL('../../../examples/caddy/Caddyfile', import.meta.url), 'utf8')
  const text = filledIn(example, values)
  const file = join(folder, 'Caddyfile')
  await writeFile(file, `{\n\tadmin off\n\tauto_https off\n}\n${text}`)
  const env = { ...process.env, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, HOME: folder }
  const child = spawn('caddy', ['run', '--config', file, '--adapter', 'caddyfile'], { env })
  child.on('error', () => {}) // it did not start: said below
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
  await untilListening(child, port, async () => said || 'caddy is missing: apt-get install caddy')
  return {
    async stop() {
      const ended = child.exitCode === null ? once(child, 'exit') : undefined
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
