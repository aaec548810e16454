/** Faults of emulated upstreams: the active ones, and those that replace an HTTP response. */
import type { ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { redirect, sendPage } from './http.ts'
import { messagePage } from './pages.ts'

type Values = Readonly<Record<string, unknown>>

/** Endpoints that lead to the choice of a user. A fault of all endpoints leaves it in reach. */
export const signInEndpoints: readonly string[] = ['authorize', 'sso']

/** True, or the affected endpoint; milliseconds; or values to use. False ends the fault. */
export type FaultValue = boolean | string | number | Values

/** Faults that replace the whole response of one endpoint, or of all but the sign-in's. */
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
  answer: 'Other bodies (values by endpoint; from programs)',
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

  /** `set` by the form of the control page; ignores unknown names. */
  switch(form: URLSearchParams): void {
    const name = form.get('on') ?? form.get('off') ?? ''
    const value = form.get('value') || true
    if (form.has('reset')) this.reset()
    if (Object.hasOwn(this.#table, name))
      this.set(name as Name, form.has('off') ? false : Number(value) > 1 ? Number(value) : value)
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

  /**
   * Whether the fault affects this endpoint: it names this one, or none and this is not the
   * sign-in's.
   */
  strikes(name: Name, endpoint: string): boolean {
    const value = this.value(name)
    const isOfAll = value === true || typeof value === 'number'
    return value === endpoint || (isOfAll && !signInEndpoints.includes(endpoint))
  }

  names(): readonly string[] {
    return [...this.#active.keys()]
  }
}

const json = { 'content-type': 'application/json' }
const sorry = messagePage('Something went wrong', 'We are sorry, something went wrong.')

const faultyAnswers = {
  down: (response) => response.destroy(),
  hang: () => undefined,
  drip: respondSlowly,
  html: (response) => sendPage(response, sorry),
  status500: (response) => sendPage(response, sorry, 500),
  redirect: (response) => redirect(response, 'http://127.0.0.1:9/elsewhere', 307),
  large: (response) => response.writeHead(200, json).end(`{"filler":"${'x'.repeat(20_000_000)}"}`),
  truncated: (response) => response.writeHead(200, json).end('{"access_token":"abc","id_tok'),
} as const satisfies Record<string, (response: ServerResponse) => unknown>

/** True if it responded, or never will. */
export async function applyFault(
  endpoint: string,
  response: ServerResponse,
  faults: Faults<keyof typeof responseFaults>,
): Promise<boolean> {
  const slow = faults.value('slow')
  if (faults.strikes('slow', endpoint)) await wait(typeof slow === 'number' ? slow : 3000, undefined, { ref: false })
  const names = Object.keys(faultyAnswers) as (keyof typeof faultyAnswers)[]
  const struck = names.find((name) => faults.strikes(name, endpoint))
  const answer = faults.values('answer')[endpoint]
  if (struck !== undefined) faultyAnswers[struck](response)
  else if (typeof answer === 'string') response.writeHead(200, json).end(answer)
  return struck !== undefined || typeof answer === 'string'
}

function respondSlowly(response: ServerResponse): void {
  response.writeHead(200, json).write('{')
  const dripping = setInterval(() => response.write(' '), 100)
  response.on('close', () => clearInterval(dripping))
}
