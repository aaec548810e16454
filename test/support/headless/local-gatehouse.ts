/** A Gatehouse on localhost for a real browser, and the built app of examples/react-headless. */

import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { vi } from 'vitest'
import { type MailboxEntry, readMailbox } from '../../../demo/read-mailbox.ts'
import { createPasswordUser } from '../../../src/broker/login/set-password.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { formatFaults } from '../../../src/config/source/fault.ts'
import type { Core } from '../../../src/main/core.ts'
import { openLog } from '../../../src/main/log.ts'
import { serve } from '../../../src/main/main.ts'
import { sharedKey, waitOptions } from '../gatehouse/test-gatehouse.ts'
import { testProviders } from '../providers/test-providers.ts'
import { freePort } from '../servers/servers.ts'
import { databaseTemplate } from '../store/database-template.ts'

export interface LocalGatehouse {
  readonly url: string
  readonly core: Core
  /** Waits for the newest email to this address. */
  mail(to: string): Promise<MailboxEntry>
  /** Of the tenant `acme`. */
  addUser(email: string, password: string): Promise<void>
  stop(): Promise<void>
}

interface LocalOptions {
  /** Default: a free one. */
  readonly port?: number
  /** More lines of gatehouse.yaml. */
  readonly settings?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly now?: () => Date
}

/**
 * @param tenantYaml more lines of the tenant `acme`, which has passwords
 * @param others files of more tenants, by id
 */
export async function startLocalGatehouse(
  tenantYaml: string,
  others: Readonly<Record<string, string>> = {},
  { settings = '', environment = {}, ...options }: LocalOptions = {},
): Promise<LocalGatehouse> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-local-'))
  const [port, mailbox] = [options.port ?? (await freePort()), join(folder, 'mail')]
  const url = `http://localhost:${port}`
  await mkdir(join(folder, 'tenants'))
  const gatehouse = `publicUrl: ${url}
listen: { host: 127.0.0.1, port: ${port} }
storage: { file: ${join(folder, 'gatehouse.db')} }
keys: [${sharedKey}]
mail: { directory: ${mailbox} }
${settings}`
  await writeFile(join(folder, 'gatehouse.yaml'), gatehouse)
  const tenant = `tenant: acme\nname: Acme\nconnections:\n  password: { signUp: true }\n${tenantYaml}`
  await writeFile(join(folder, 'tenants/acme.yaml'), tenant)
  for (const [id, text] of Object.entries(others)) await writeFile(join(folder, `tenants/${id}.yaml`), text)
  const loaded = await loadConfig({ directory: folder, environment, providers: testProviders })
  if (!loaded.ok) throw new Error(formatFaults(loaded.faults))
  await copyFile(await databaseTemplate(loaded.deployment.signingKeys, sharedKey), join(folder, 'gatehouse.db'))
  const running = await serve(loaded, {
    log: openLog('error', { write: () => {} }),
    ...(options.now !== undefined && { now: options.now }),
  })
  const mail = (to: string) =>
    vi.waitFor(async () => {
      const newest = (await readMailbox(mailbox, 50)).find((each) => each.to === to)
      if (newest === undefined) throw new Error(`no email to ${to}`)
      return newest
    }, waitOptions)
  const addUser = async (email: string, password: string) =>
    void (await createPasswordUser(running.core.parts, { tenant: 'acme', email, password }))
  const stop = async () => {
    await running.stop()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  return { url, core: running.core, mail, addUser, stop }
}

const example = fileURLToPath(new URL('../../../examples/react-headless/', import.meta.url))
const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }

/** Builds the React example for a Gatehouse and serves it. */
export async function serveReactExample(gatehouse: string, port: number): Promise<{ stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-react-'))
  const define = {
    'import.meta.env.VITE_GATEHOUSE': JSON.stringify(gatehouse),
    'import.meta.env.VITE_TENANT': '"acme"',
  }
  await build({ root: example, configFile: false, logLevel: 'error', define, build: { outDir: folder } })
  const server = createServer(async (request, response) => {
    const path = request.url === '/' ? '/index.html' : (request.url ?? '')
    const content = await readFile(join(folder, path)).catch(() => null)
    if (content === null) return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream' }).end(content)
  })
  await listening(server, port)
  const stop = async () => {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
    await rm(folder, { recursive: true, force: true })
  }
  return { stop }
}

const listening = (server: Server, port: number) => new Promise<void>((done) => server.listen(port, '127.0.0.1', done))
