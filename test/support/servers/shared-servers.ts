/** One Redis and one PostgreSQL per test run, started on first use (`servers.ts`). */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { type LocalServer, startPostgres, startRedis } from '../../../bench/servers.ts'

declare module 'vitest' {
  interface ProvidedContext {
    sharedServers: string
  }
}

const maxDatabases = 1000

const started = new Map<string, Promise<LocalServer>>()
let databases = 0
let http: Server

export async function setup(project: TestProject): Promise<void> {
  http = createServer((request, response) => {
    emptyDatabase(request.url).then(
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

function serverOf(name: string, start: () => Promise<LocalServer>): Promise<LocalServer> {
  const server = started.get(name) ?? start()
  started.set(name, server)
  return server
}

async function emptyDatabase(path: string | undefined): Promise<string> {
  databases += 1
  const number = databases
  if (path === '/redis') {
    const server = await serverOf('redis', () => startRedis({ args: ['--databases', `${maxDatabases}`] }))
    return `${server.url}/${number}`
  }
  const server = await serverOf('postgres', () => startPostgres({ args: ['-c', 'max_connections=400'] }))
  return createDatabase(server.url, `test_${number}`)
}

async function createDatabase(server: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: server })
  client.on('error', () => {}) // the query fails as well
  await client.connect()
  await client.query(`create database ${name}`).finally(() => client.end())
  return server.replace(/\/postgres$/, `/${name}`)
}
