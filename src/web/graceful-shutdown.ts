/** A stop that lets requests in flight finish, and waits for nothing else: not for kept-alive connections, nor for those opened ahead. */
import type { Server } from 'node:http'
import type { Socket } from 'node:net'

const pollMs = 25
/** Long enough for a request that was on its way when the stop came. */
const quietMs = 500

export interface Drain {
  /** Stops taking connections, ends each as soon as nothing is in flight on it, and cuts what is still there after `graceMs`. */
  drain(graceMs: number): Promise<void>
}

export function createDrain(server: Server): Drain {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })

  return {
    async drain(graceMs) {
      const closed = new Promise<void>((done) => server.close(() => done()))
      const look = setInterval(() => server.closeIdleConnections(), pollMs)
      const silence = setTimeout(() => {
        for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy() // browsers open some that are never used
      }, quietMs)
      const cut = setTimeout(() => server.closeAllConnections(), graceMs)
      await closed
      clearInterval(look)
      clearTimeout(silence)
      clearTimeout(cut)
    },
  }
}
