/** Faults of emulated upstreams: the active ones, and those of whole HTTP responses. */
import type { ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { redirect, sendPage } from './http.ts'
import { messagePage } from './pages.ts'

type Values = Readonly<Record<string, unknown>>

/** Endpoints before the page that lists the users. Only a fault that names one affects it. */
export const signInEndpoints: readonly string[] = ['authorize', 'sso']

/**
 * For `slow`: a delay in milliseconds. For faults "from programs": their values. For others: true,
 * or the name of the only affected endpoint. False ends the fault.
 */
export type FaultValue = boolean | string | number | Values

/** Faults that delay or replace the responses of one endpoint, or of all but `signInEndpoints`. */
export const responseFaults = {
  slow: 'Responses are delayed',
  down: 'Connections are reset',
  hang: 'Requests get no response',
  drip: 'Responses arrive byte by byte',
  html: 'HTML with status 200 instead of the answer',
  status500: 'Status 500',
  redirect: 'Redirect 307 to another host',
  large: 'Responses of 20 MB',
  truncated: 'Half of a JSON document',
  answer: 'Responses have these bodies (values by endpoint; from programs)',
} as const satisfies Record<string, string>

export class Faults<Name extends string> {
  readonly #table: Readonly<Record<Name, string>>
  readonly #active = new Map<string, FaultValue>()

  /** @param table every fault with its description */
  constructor(table: Readonly<Record<Name, string>>) {
    this.#table = table
  }

  /** `false` ends the fault. */
  set(name: Name, value: FaultValue = true): void {
    if (value === false) this.#active.delete(name)
    else this.#active.set(name, value)
  }

  /**
   * Applies a form of the control page: `reset`, or `on` or `off` with the name of a fault. `value`
   * is an endpoint or milliseconds; empty means true. Ignores unknown names.
   */
  applyForm(form: URLSearchParams): void {
    const name = form.get('on') ?? form.get('off') ?? ''
    const text = form.get('value') ?? ''
    const value = text === '' ? true : /^\d+$/.test(text) ? Number(text) : text
    if (form.has('reset')) this.reset()
    if (Object.hasOwn(this.#table, name)) this.set(name as Name, form.has('off') ? false : value)
  }

  reset(): void {
    this.#active.clear()
  }

  has(name: Name): boolean {
    return this.#active.has(name)
  }

  value(name: Name): FaultValue | undefined {
    return this.#active.get(name)
  }

  values(name: Name): Values {
    const value = this.value(name)
    return typeof value === 'object' ? value : {}
  }

  /** Without an endpoint as its value, an active fault affects all but `signInEndpoints`. */
  affects(name: Name, endpoint: string): boolean {
    const value = this.value(name)
    const isOfAll = value === true || typeof value === 'number'
    return value === endpoint || (isOfAll && !signInEndpoints.includes(endpoint))
  }

  /** Names of the active faults. */
  names(): readonly string[] {
    return [...this.#active.keys()]
  }
}

const json = { 'content-type': 'application/json' }
const sorry = messagePage('Something went wrong', 'We are sorry, something went wrong.')

const faultyResponses = {
  down: (response) => response.destroy(),
  hang: () => undefined,
  drip: respondByteByByte,
  html: (response) => sendPage(response, sorry),
  status500: (response) => sendPage(response, sorry, 500),
  redirect: (response) => redirect(response, 'http://127.0.0.1:9/elsewhere', 307),
  large: (response) => response.writeHead(200, json).end(`{"filler":"${'x'.repeat(20_000_000)}"}`),
  truncated: (response) => response.writeHead(200, json).end('{"access_token":"abc","id_tok'),
} as const satisfies Record<string, (response: ServerResponse) => unknown>

/**
 * Delays the response by `slow`, then sends the response of the first other fault of the endpoint.
 * True if the caller must not respond: a fault responded, reset the connection or leaves it open.
 */
export async function applyFault(
  endpoint: string,
  response: ServerResponse,
  faults: Faults<keyof typeof responseFaults>,
): Promise<boolean> {
  const slow = faults.value('slow')
  if (faults.affects('slow', endpoint)) await wait(typeof slow === 'number' ? slow : 3000, undefined, { ref: false })
  const names = Object.keys(faultyResponses) as (keyof typeof faultyResponses)[]
  const active = names.find((name) => faults.affects(name, endpoint))
  const body = faults.values('answer')[endpoint]
  if (active !== undefined) faultyResponses[active](response)
  else if (typeof body === 'string') response.writeHead(200, json).end(body)
  return active !== undefined || typeof body === 'string'
}

/** A byte each 100 ms until the client closes the connection. */
function respondByteByByte(response: ServerResponse): void {
  response.writeHead(200, json).write('{')
  const timer = setInterval(() => response.write(' '), 100)
  response.on('close', () => clearInterval(timer))
}
