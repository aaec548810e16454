/** Requests session checks over keep-alive connections, as fast as they are answered. */
import { z } from 'zod'
import { answerEach } from '../processes.ts'
import { openLine } from './answers.ts'
import { loadFor } from './load.ts'

const orderForm = z.object({
  port: z.number(),
  /** Headers with a token, one for each request in turn. */
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
    const { ask, close } = openLine(port)
    const once = () => {
      turn = (turn + 1) % requests.length
      return ask(requests[turn] ?? Buffer.alloc(0)).then((status) => status === 200)
    }
    return { once, close }
  })
})
