/** Real servers for tests; the bench starts the same ones. */
import { inject } from 'vitest'

export { freePort } from '../../../bench/ports.ts'
export { type LocalServer as TestServer, startPostgres, startRedis } from '../../../bench/servers.ts'

/** The URL of an empty database of this run's Redis, for files that never stop, pause or reconfigure the server. */
export const sharedRedis = () => ask('redis')

/** The URL of an empty database of this run's PostgreSQL, for files that never stop or pause the server. */
export const sharedPostgres = () => ask('postgres')

async function ask(name: 'redis' | 'postgres'): Promise<string> {
  const answer = await fetch(`${inject('sharedServers')}/${name}`)
  const text = await answer.text()
  if (!answer.ok) throw new Error(text)
  return text
}
