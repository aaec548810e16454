/**
 * A process that asks for session checks over keep-alive connections, as fast as they are answered. Raw sockets and requests made
 * beforehand: an HTTP client would cost more than the server that is measured.
 */
import { connect, type Socket } from 'node:net'
import { z } from 'zod'
import { loadFor } from './load.ts'
import { answerEach } from './processes.ts'

const orderForm = z.object({
  port: z.number(),
  /** Headers that present a token, one a request, in turn. */
  presented: z.array(z.string()),
  connections: z.number(),
  seconds: z.number(),
})
export type CheckOrder = Omit<z.infer<typeof orderForm>, 'seconds'>

answerEach(orderForm, ({ port, presented, connections, seconds }) => {
  const requests = presented.map((header) =>
    Buffer.from(
      `GET /api/v1/session HTTP/1.1\r\nhost: localhost:${port}\r\naccept: application/json\r\n${header}\r\n\r\n`,
    ),
  )
  let turn = 0
  return loadFor({ workers: connections, seconds }, () => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const next = answersOf(socket)
    const once = () => {
      turn = (turn + 1) % requests.length
      socket.write(requests[turn] ?? '')
      return next().then((status) => status === 200)
    }
    return { once, close: () => socket.destroy() }
  })
})

/** Resolves with the status of each answer in turn; 0 when the connection ended instead. */
function answersOf(socket: Socket): () => Promise<number> {
  let waiting: ((status: number) => void) | undefined
  let received: Buffer = Buffer.alloc(0)
  let over = false
  const settle = (status: number) => {
    received = Buffer.alloc(0)
    waiting?.(status)
    waiting = undefined
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
      waiting = done
    })
}
