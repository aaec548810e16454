/** Sends requests at a fixed rate, whatever the responses take: waiting counts as time too. */
import { z } from 'zod'
import { answerEach } from '../processes.ts'
import { quantile } from '../statistics.ts'
import { type Line, openLine } from './answers.ts'

const orderForm = z.object({
  port: z.number(),
  /** Whole requests, one after the other. */
  requests: z.array(z.string()),
  perSecond: z.number(),
  seconds: z.number(),
  /** Of a response that counts as done. */
  status: z.number(),
})
export type PacedOrder = z.infer<typeof orderForm>

export const pacedForm = z.object({
  sent: z.number(),
  done: z.number(),
  /** In milliseconds, of those that are done. */
  p50: z.number(),
  p99: z.number(),
})
export type Paced = z.infer<typeof pacedForm>

answerEach(orderForm, async ({ port, requests, perSecond, seconds, status }): Promise<Paced> => {
  const bytes = requests.map((request) => Buffer.from(request))
  const idle: Line[] = []
  const open = new Set<Line>()
  const took: number[] = []
  const answers: Promise<void>[] = []
  const began = performance.now()
  let sent = 0

  async function send(due: number): Promise<void> {
    const line = idle.pop() ?? openLine(port)
    open.add(line)
    const got = await line.ask(bytes[sent % bytes.length] ?? Buffer.alloc(0))
    idle.push(line)
    if (got === status) took.push(performance.now() - began - due)
  }

  await new Promise<void>((over) => {
    const timer = setInterval(() => {
      const elapsed = performance.now() - began
      for (; sent < Math.min(elapsed / 1000, seconds) * perSecond; sent += 1)
        answers.push(send((sent / perSecond) * 1000))
      if (elapsed < seconds * 1000) return
      clearInterval(timer)
      over()
    }, 1)
  })
  await Promise.all(answers)
  for (const line of open) line.close()
  const sorted = took.toSorted((one, other) => one - other)
  const quantileOf = (part: number) => (sorted.length === 0 ? 0 : quantile(sorted, part))
  return { sent, done: sorted.length, p50: quantileOf(0.5), p99: quantileOf(0.99) }
})
