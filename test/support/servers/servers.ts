/** Real servers for tests; the bench starts the same ones. */
import { inject } from 'vitest'

export { freePort } from '../../../bench/ports.ts'
export { type LocalServer as TestServer, startPostgres, startRedis } from '../../../bench/servers.ts'

/** An empty database of the shared Redis, for tests that never stop or reconfigure it. */
export const sharedRedis = () => ask('redis')

/** An empty database of the shared PostgreSQL, for tests that never stop it. */
export const sharedPostgres = () => ask('postgres')

/** Where Playwright connects to the Chromium of this worker. */
export const sharedBrowser = () => ask(`chromium/${process.env['VITEST_POOL_ID']}`)

async function ask(name: string): Promise<string> {
  const answer = await fetch(`${inject('sharedServers')}/${name}`)
  const text = await answer.text()
  if (!answer.ok) throw new Error(text)
  return text
}
