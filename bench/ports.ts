/** Ports for servers that cannot choose one. */
import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below the ephemeral range. */
const range = { first: 10_000, last: 32_000 }
const maxAttempts = 200

/**
 * A free TCP port that no other caller gets, in any process, until this process ends. A UDP socket
 * of the same number holds it; outgoing connections and `listen(0)` use ports above the range.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const port = randomInt(range.first, range.last)
    if ((await reserve(port)) && (await isFree(port))) return port
  }
  throw new Error(`no free port from ${range.first} to ${range.last} in ${maxAttempts} attempts`)
}

async function reserve(port: number): Promise<boolean> {
  const socket = createSocket('udp4').unref()
  socket.bind({ port, address: '127.0.0.1', exclusive: true })
  return succeeds(once(socket, 'listening'))
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen({ port, exclusive: true })
  if (!(await succeeds(once(server, 'listening')))) return false
  server.close()
  await once(server, 'close')
  return true
}

const succeeds = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => true,
    () => false,
  )
