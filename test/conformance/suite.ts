/** The suite's API: plans, test modules, their states and logs. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Module {
  readonly testModule: string
  readonly variant?: object
}

export interface LogEntry {
  readonly src?: string
  readonly msg?: string
  readonly result?: string
  readonly requirements?: readonly string[]
  readonly page_source?: string
}

export interface State {
  readonly status: string
  readonly result: string
}

export type Suite = ReturnType<typeof openSuite>

export function openSuite(origin: string) {
  async function ask<T>(method: string, path: string, query: object = {}, body?: object): Promise<T> {
    const url = new URL(`/api/${path}`, origin)
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, typeof value === 'string' ? value : JSON.stringify(value))
    const response = await fetch(url, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${url.pathname}: ${response.status} ${text.slice(0, 300)}`)
    return JSON.parse(text === '' ? 'null' : text)
  }

  return {
    makePlan: (planName: string, variant: object, settings: object) =>
      ask<{ readonly id: string; readonly modules: readonly Module[] }>(
        'POST',
        'plan',
        { planName, variant },
        settings,
      ),
    startModule: (plan: string, { testModule, variant }: Module) =>
      ask<{ readonly id: string }>('POST', 'runner', { test: testModule, plan, variant }),
    /** Lets a module go on that waits for the operator. */
    continue: (test: string) => ask<unknown>('POST', `runner/${test}`),
    cancel: (test: string) => ask<unknown>('DELETE', `runner/${test}`).catch(() => {}),
    /** Waits for the address that the module wants a browser to visit. Undefined if none came. */
    async address(test: string, seconds: number): Promise<string | undefined> {
      for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(250)) {
        const { browser } = await ask<{ readonly browser?: { readonly urls?: readonly string[] } }>(
          'GET',
          `runner/${test}`,
        )
        if (browser?.urls?.[0] !== undefined) return browser.urls[0]
      }
      return undefined
    },
    visited: (test: string, url: string) => ask<unknown>('POST', `runner/browser/${test}/visit`, { url }),
    log: (test: string) => ask<readonly LogEntry[]>('GET', `log/${test}`),
    /** Waits for one of the states. @returns result TIMEOUT when none came */
    async until(test: string, states: readonly string[], seconds: number): Promise<State> {
      for (const end = Date.now() + seconds * 1000; ; await sleep(250)) {
        const { status, result } = await ask<{ readonly status: string; readonly result?: string }>(
          'GET',
          `info/${test}`,
        )
        if (states.includes(status) || status === 'INTERRUPTED') return { status, result: result ?? 'UNKNOWN' }
        if (Date.now() > end) return { status, result: 'TIMEOUT' }
      }
    },
  }
}

export const failuresOf = (log: readonly LogEntry[]) => log.filter(({ result }) => result === 'FAILURE')

/** Prints a line for the module and one for each condition that failed or warned; keeps its log. */
export function reportModule(folder: string, name: string, result: string, log: readonly LogEntry[]): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(log, null, 1))
  console.log(`  ${result.padEnd(8)} ${name}`)
  for (const { src, page_source: page } of log)
    if (page !== undefined && src?.startsWith('Expect'))
      console.log(`           to be looked at: ${src}: "${/<h1[^>]*>([^<]*)/.exec(page)?.[1]?.trim() ?? ''}"`)
  for (const entry of log)
    if (entry.result === 'FAILURE' || entry.result === 'WARNING')
      console.log(
        `           ${entry.result}: ${entry.src} [${(entry.requirements ?? []).join(', ')}] ${String(entry.msg).slice(0, 300)}`,
      )
}
