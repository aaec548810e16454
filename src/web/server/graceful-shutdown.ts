/** Lets requests in flight finish, without waiting for idle connections. */
import type { Server } from 'node:http'
import type { Socket } from 'node:net'

const pollMs = 25
/** Time to accept requests that were sent before the stop. */
const quietMs = 500

export interface Drain {
  /** Stops accepting, closes idle connections, and cuts the rest after `graceMs`. */
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
        // browsers open spare connections that they may never use
        for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
      }, quietMs)
      const cut = setTimeout(() => server.closeAllConnections(), graceMs)
      await closed
      clearInterval(look)
      clearTimeout(silence)
      clearTimeout(cut)
    },
  }
}
