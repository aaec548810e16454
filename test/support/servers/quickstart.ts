/** The quickstart as a newcomer starts it, on reserved ports and in a folder of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './servers.ts'

export interface Quickstart {
  readonly gatehouse: string
  readonly okta: string
  readonly mailbox: string
  readonly demo: string
  readonly spa: string
  readonly serverApp: string
  /** Where nothing listens yet: of a reverse proxy that Gatehouse trusts. */
  readonly proxy: string
  /** The same for examples/react-headless. */
  readonly react: string
  /** What it printed when it was ready. */
  readonly welcome: string
  readonly person: { readonly email: string; readonly password: string }
  stop(): Promise<number>
}

const parts = [
  'gatehouse',
  'demo',
  'spa',
  'server-app',
  'proxy',
  'react',
  'okta',
  'google',
  'linkedin',
  'apple',
  'epam',
  'mail',
  'entra',
  'github',
  'gitlab',
]

export async function startQuickstart(): Promise<Quickstart> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-quickstart-'))
  const ports: Record<string, number> = {}
  for (const part of parts) ports[part] = await freePort()
  const flags = Object.entries(ports).flatMap(([part, port]) => [`--${part}-port`, String(port)])
  const child = spawn(process.execPath, ['scripts/run.mjs', 'quickstart', '--folder', folder, ...flags])
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const ended = once(child, 'close')
  const stop = async () => {
    child.kill('SIGINT')
    const [code] = await ended
    await rm(folder, { recursive: true, force: true })
    return code
  }
  for (let waited = 0; !output.includes('Ctrl-C stops'); waited += 50) {
    if (child.exitCode !== null || waited > 60_000) throw new Error(`the quickstart did not become ready:\n${output}`)
    await new Promise((done) => setTimeout(done, 50))
  }
  const [, email = '', password = ''] = /(\S+@\S+)\s+password (\S+)/.exec(output) ?? []
  const at = (part: string) => `http://localhost:${ports[part]}`
  return {
    gatehouse: at('gatehouse'),
    okta: at('okta'),
    mailbox: at('mail'),
    demo: at('demo'),
    spa: at('spa'),
    serverApp: at('server-app'),
    proxy: at('proxy'),
    react: at('react'),
    welcome: output,
    person: { email, password },
    stop,
  }
}
