/** Raw HTTP for load: a client library would cost more than the measured server. */
import { connect, type Socket } from 'node:net'

export interface Line {
  /** Resolves with the status; 0 when the connection was closed. */
  readonly ask: (request: Buffer) => Promise<number>
  readonly close: () => void
}

/** A keep-alive connection; one request at a time. */
export function openLine(port: number): Line {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const next = answersOf(socket)
  const ask = (request: Buffer) => {
    socket.write(request)
    return next()
  }
  return { ask, close: () => socket.destroy() }
}

function answersOf(socket: Socket): () => Promise<number> {
  let pending: ((status: number) => void) | undefined
  let received: Buffer = Buffer.alloc(0)
  let over = false
  const settle = (status: number) => {
    received = Buffer.alloc(0)
    pending?.(status)
    pending = undefined
  }
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    const head = received.indexOf('\r\n\r\n')
    if (head === -1) return
    const text = received.toString('latin1', 0, head)
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1])
    if (received.length >= head + 4 + length) settle(Number(text.slice(9, 12)))
  })
  for (const end of ['error', 'close']) {
    socket.on(end, () => {
      over = true
      settle(0)
    })
  }
  return () =>
    new Promise((done) => {
      if (over) return done(0)
      pending = done
    })
}
