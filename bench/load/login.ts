/** A process of browsers that sign in, each with its own cookies. */
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { z } from 'zod'
import { answerEach } from '../processes.ts'
import { loadFor } from './load.ts'

const orderForm = z.object({
  /** The start of a login. */
  start: z.string(),
  /** The session cookie. */
  cookie: z.string(),
  people: z.number(),
  browsers: z.number(),
  seconds: z.number(),
  times: z.number().optional(),
})
export type LoginOrder = Omit<z.infer<typeof orderForm>, 'seconds' | 'times'>

const agent = new Agent({ keepAlive: true })
const userAgent =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'

answerEach(orderForm, ({ start, cookie, people, browsers, seconds, times }) => {
  let turn = 0
  const once = async () => {
    turn += 1
    const jar = await signIn(new URL(start), `person-${turn % people}`)
    return jar.has(cookie)
  }
  return loadFor({ workers: browsers, seconds, times }, () => ({ once }))
})

/** Follows redirects from `start` until they end at a page of that origin; returns its cookies. */
async function signIn(start: URL, person: string): Promise<ReadonlyMap<string, string>> {
  const jars = new Map<string, Map<string, string>>()
  const source = anySource()
  let url = start
  for (let redirects = 0; redirects < 8; redirects += 1) {
    const jar = jars.get(url.origin) ?? new Map<string, string>()
    jars.set(url.origin, jar)
    const headers = await get(url, jar, source)
    for (const line of headers['set-cookie'] ?? []) remember(jar, line)
    if (headers.location === undefined) break
    const next = new URL(headers.location, url)
    // the form of the emulator that selects the user
    if (next.pathname.startsWith('/signin/')) next.searchParams.set('as', person)
    if (url.pathname.endsWith('/callback')) break
    url = next
  }
  return jars.get(start.origin) ?? new Map()
}

function remember(jar: Map<string, string>, line: string): void {
  const pair = line.split(';', 1)[0] ?? ''
  const equals = pair.indexOf('=')
  jar.set(pair.slice(0, equals), pair.slice(equals + 1))
}

/** Each sign-in has its own IP address, because logins of one address are limited. */
const anySource = () => `10.${[0, 0, 0].map(() => Math.floor(Math.random() * 256)).join('.')}`

function get(url: URL, jar: ReadonlyMap<string, string>, source: string): Promise<IncomingHttpHeaders> {
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  const { port, pathname, search, host } = url
  const always = { host, accept: 'text/html', 'user-agent': userAgent, 'x-forwarded-for': source }
  const headers = { ...always, ...(cookie !== '' && { cookie }) }
  return new Promise((done, failed) => {
    const asked = request({ agent, host: '127.0.0.1', port, path: pathname + search, headers }, (response) => {
      response.resume()
      response.once('end', () => done(response.headers))
    })
    asked.once('error', failed)
    asked.end()
  })
}
