/**
 * A process of relying parties: it collects codes (not measured), then redeems them or introspects
 * tokens as fast as they are answered.
 */
import { Agent, request } from 'node:http'
import { z } from 'zod'
import { answerEach } from '../processes.ts'
import { basicAuthorization, client } from '../provider-client.ts'
import { openLine } from './answers.ts'
import { loadFor } from './load.ts'

const orderForm = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('gather'),
    origin: z.string(),
    /** Path of the authorization endpoint. */
    path: z.string(),
    /** Headers of signed-in users, used in turn. */
    cookies: z.array(z.string()),
    codes: z.number(),
    tokenPath: z.string(),
  }),
  z.object({ do: z.literal('redeem'), port: z.number(), connections: z.number(), seconds: z.number() }),
  z.object({
    do: z.literal('look up'),
    port: z.number(),
    path: z.string(),
    tokens: z.array(z.string()),
    connections: z.number(),
    seconds: z.number(),
  }),
])
type Order = z.infer<typeof orderForm>
type Of<Do extends Order['do']> = Extract<Order, { readonly do: Do }>

export type GatherOrder = Of<'gather'>
export type RedeemOrder = Omit<Of<'redeem'>, 'seconds'>
export type LookUpOrder = Omit<Of<'look up'>, 'seconds'>

/** Codes expire after a minute, and all must be redeemed by then. */
const maxSeconds = 40
const gatherers = 8
const agent = new Agent({ keepAlive: true, maxSockets: gatherers })

let redemptions: Buffer[] = []

answerEach(orderForm, async (order) => {
  if (order.do === 'gather') return gather(order)
  return order.do === 'redeem' ? redeem(order) : lookUp(order)
})

async function gather({ origin, path, cookies, codes, tokenPath }: GatherOrder): Promise<object> {
  const made: Buffer[] = []
  let begun = 0
  const work = async () => {
    while (begun < codes) {
      const cookie = cookies[begun % cookies.length] ?? ''
      begun += 1
      const code = await codeFrom(new URL(path, origin), cookie)
      const body = {
        grant_type: 'authorization_code',
        code,
        redirect_uri: client.redirectUri,
        code_verifier: client.codeVerifier,
      }
      made.push(postOf(new URL(origin).host, tokenPath, body))
    }
  }
  await Promise.all(Array.from({ length: gatherers }, work))
  redemptions = made
  return { gathered: made.length }
}

/** One IP address for each user, because requests of one address are limited. */
const somewhere = () => `10.${[1, 2, 3].map(() => Math.floor(Math.random() * 256)).join('.')}`

function codeFrom(address: URL, cookie: string): Promise<string> {
  address.search = String(client.authorization)
  const { host, port, pathname, search } = address
  return new Promise((done, failed) => {
    const asked = request(
      {
        agent,
        host: '127.0.0.1',
        port,
        path: pathname + search,
        headers: { host, cookie, 'x-forwarded-for': somewhere() },
      },
      (answer) => {
        answer.resume()
        const location = answer.headers.location ?? ''
        const code = URL.canParse(location) ? new URL(location).searchParams.get('code') : null
        answer.once('end', () =>
          code === null ? failed(new Error(`no code: ${answer.statusCode} ${location}`)) : done(code),
        )
      },
    )
    asked.once('error', failed)
    asked.end()
  })
}

function redeem({ port, connections }: Of<'redeem'>): Promise<object> {
  const pending = redemptions
  redemptions = []
  return loadFor({ workers: connections, seconds: maxSeconds, more: () => pending.length > 0 }, () => {
    const { ask, close } = openLine(port)
    return { once: async () => (await ask(pending.pop() ?? Buffer.alloc(0))) === 200, close }
  })
}

function lookUp({ port, path, tokens, connections, seconds }: Of<'look up'>): Promise<object> {
  const requests = tokens.map((token) => postOf(`localhost:${port}`, path, { token }))
  let turn = 0
  return loadFor({ workers: connections, seconds }, () => {
    const { ask, close } = openLine(port)
    const once = async () => {
      turn = (turn + 1) % requests.length
      return (await ask(requests[turn] ?? Buffer.alloc(0))) === 200
    }
    return { once, close }
  })
}

function postOf(host: string, path: string, fields: Readonly<Record<string, string>>): Buffer {
  const body = String(new URLSearchParams(fields))
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: ${host}`,
    'accept: application/json',
    `authorization: ${basicAuthorization}`,
    'content-type: application/x-www-form-urlencoded',
    `content-length: ${Buffer.byteLength(body)}`,
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
}
