/**
 * One Redis and one PostgreSQL per test run, and a Chromium per worker, started on first use
 * (`servers.ts`).
 */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { startPostgres, startRedis } from '../../../bench/servers.ts'

declare module 'vitest' {
  interface ProvidedContext {
    sharedServers: string
  }
}

const maxDatabases = 1000

interface SharedServer {
  readonly url: string
  stop(): Promise<void>
}

const started = new Map<string, Promise<SharedServer>>()
let databases = 0
let http: Server

export async function setup(project: TestProject): Promise<void> {
  http = createServer((request, response) => {
    addressFor(request.url ?? '').then(
      (url) => response.end(url),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  }).listen(0, '127.0.0.1')
  await once(http, 'listening')
  const address = http.address()
  if (typeof address !== 'object' || address === null) throw new Error('no address')
  project.provide('sharedServers', `http://127.0.0.1:${address.port}`)
}

export async function teardown(): Promise<void> {
  http.closeAllConnections()
  http.close()
  for (const server of started.values()) await server.then((each) => each.stop()).catch(() => {})
}

function serverOf(name: string, start: () => Promise<SharedServer>): Promise<SharedServer> {
  const server = started.get(name) ?? start()
  started.set(name, server)
  server.catch(() => started.delete(name)) // the next caller tries again
  return server
}

async function addressFor(path: string): Promise<string> {
  if (path.startsWith('/chromium/')) return (await serverOf(path, () => startBrowser(path))).url
  databases += 1
  return path === '/redis' ? emptyRedis(databases) : emptyPostgres(databases)
}

async function startBrowser(path: string): Promise<SharedServer> {
  const { launchBrowserServer } = await import('../browser/launch.ts')
  const browser = await launchBrowserServer()
  browser.on('close', () => started.delete(path)) // after a crash, the next file gets another
  return { url: browser.wsEndpoint(), stop: () => browser.close() }
}

async function emptyRedis(database: number): Promise<string> {
  const server = await serverOf('redis', () => startRedis({ args: ['--databases', `${maxDatabases}`] }))
  return `${server.url}/${database}`
}

async function emptyPostgres(database: number): Promise<string> {
  const server = await serverOf('postgres', () => startPostgres({ args: ['-c', 'max_connections=400'] }))
  return createDatabase(server.url, `test_${database}`)
}

async function createDatabase(server: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: server })
  client.on('error', () => {}) // the query fails as well
  await client.connect()
  await client.query(`create database ${name}`).finally(() => client.end())
  return server.replace(/\/postgres$/, `/${name}`)
}
