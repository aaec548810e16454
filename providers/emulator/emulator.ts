/**
 * Common parts of all emulated upstreams: a server on a real port, a page at `/` that lists users,
 * requests and faults, counters, faults of responses, and the choice of a user at sign-in.
 */
import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { faultGroups } from './fault-groups.ts'
import { applyFault, type Faults, type FaultValue, type responseFaults } from './faults.ts'
import { type Call, formOf, type Listening, logRequest, redirect, sendPage } from './http.ts'
import { type Claims, type ControlPage, controlPage, messagePage, type SignInPage, signInPage } from './pages.ts'

export type Handler = (call: Call) => unknown

export interface EmulatedUpstream<Name extends string, Endpoint extends string>
  extends Pick<ControlPage, 'upstream' | 'people'> {
  /** Descriptions of its faults by name. */
  readonly faultTable: Readonly<Record<string, string>>
  readonly faults: Faults<Name | keyof typeof responseFaults>
  /** Paths of the endpoints whose requests are counted, and whose responses can have faults. */
  readonly endpoints: Readonly<Partial<Record<Endpoint, string>>>
  /** Handlers by path; a path that ends with a slash stands for all below. */
  readonly routes: Readonly<Record<string, Handler>>
  /** The rest of its page. */
  page(): Pick<ControlPage, 'about' | 'personActions' | 'sections'>
  /** Signs with a new key. */
  rotateKey(): Promise<void>
}

export interface Emulator<Name extends string, Endpoint extends string> {
  /** URL of its page. */
  readonly url: string
  /** Requests by endpoint. */
  readonly counters: Readonly<Record<Endpoint, number>>
  /** Method, path and status of the last requests. */
  readonly requests: readonly string[]
  /** Sets a fault, as the page at `/` does. */
  fault(name: Name | keyof typeof responseFaults, value?: FaultValue): void
  /** Names of the active faults. */
  activeFaults(): readonly string[]
  /** Ends all faults and clears the counters. */
  reset(): void
  close(): Promise<void>
}

/** Call it at once after `listen`. */
export function startEmulator<Name extends string, Endpoint extends string>(
  { server, url, close }: Listening,
  upstream: EmulatedUpstream<Name, Endpoint>,
): Emulator<Name, Endpoint> {
  const { faults, routes } = upstream
  const endpoints = Object.entries(upstream.endpoints) as [Endpoint, string][]
  const counters = Object.fromEntries(endpoints.map(([name]) => [name, 0])) as Record<Endpoint, number>
  const requests: string[] = []

  async function serve(call: Call): Promise<unknown> {
    const { response, url: asked } = call
    const [endpoint] = endpoints.find(([, path]) => path === asked.pathname) ?? []
    if (endpoint !== undefined) {
      counters[endpoint] += 1
      if (await applyFault(endpoint, response, faults)) return undefined
    }
    const handler = routes[asked.pathname] ?? routes[asked.pathname.replace(/[^/]*$/, '')]
    if (handler !== undefined && asked.pathname !== '/') return handler(call)
    if (asked.pathname === '/faults') return changeFaults(call)
    if (asked.pathname === '/') return sendPage(response, homePage())
    return sendPage(response, messagePage('Page not found', 'The emulator’s page is at /.'), 404)
  }

  async function changeFaults({ request, response }: Call): Promise<void> {
    const form = await formOf(request)
    if (form.has('rotate')) await upstream.rotateKey()
    faults.applyForm(form)
    redirect(response, '/', 303)
  }

  const homePage = () =>
    controlPage({
      ...upstream,
      ...upstream.page(),
      faultGroups: faultGroups(upstream.faultTable, Object.keys(upstream.endpoints)),
      active: faults.names(),
      requests,
    })

  server.on('request', (request, response) => {
    const call = { request, response, url: new URL(request.url ?? '/', url), log: requests }
    request.on('error', () => undefined)
    logRequest(call)
    void serve(call)
  })

  return {
    url,
    counters,
    requests,
    close,
    fault: (name, value) => faults.set(name, value),
    activeFaults: () => faults.names(),
    reset() {
      faults.reset()
      for (const [endpoint] of endpoints) counters[endpoint] = 0
    },
  }
}

/** Sign-ins that wait for the choice of a user, on pages below `/signin/`. */
export function signIns<Request>({ upstream, people }: Pick<ControlPage, 'upstream' | 'people'>) {
  type Asks = Pick<SignInPage, 'client' | 'hint'>
  const pending = new Map<string, Asks & { readonly request: Request }>()

  /** Sends the browser to the page of a new sign-in. */
  function ask(response: ServerResponse, request: Request, asks: Asks) {
    const id = randomUUID()
    pending.set(id, { request, ...asks })
    redirect(response, `/signin/${id}`, 303)
  }

  /** The request and the chosen user, none if canceled; undefined if it has sent a page. */
  function choice({ response, url }: Call): { readonly request: Request; readonly person?: Claims } | undefined {
    const id = url.pathname.slice('/signin/'.length)
    const authorization = pending.get(id)
    const person = people.find(({ sub }) => sub === url.searchParams.get('as'))
    if (authorization === undefined) {
      sendPage(response, messagePage('This sign-in has expired', 'Go back to the app and start again.'), 400)
      return undefined
    }
    if (person === undefined && !url.searchParams.has('cancel')) {
      sendPage(response, signInPage({ upstream, people, path: url.pathname, ...authorization }))
      return undefined
    }
    pending.delete(id)
    return { request: authorization.request, ...(person && { person }) }
  }

  return { ask, choice }
}
