import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Trace } from '../../../src/broker/trace.ts'
import { openLog } from '../../../src/main/log.ts'
import { lazyApp } from '../../../src/web/server/lazy-app.ts'

type Pages = (request: unknown, response: ServerResponse) => void
const pages: Pages = (_, response) => void response.end('a page')

let server: Server
let address: string
let loaded: (pages: Pages | Error) => void
let logged: string[]
let traces: Trace[]
beforeEach(async () => {
  const loading = new Promise<Pages | Error>((resolve) => {
    loaded = resolve
  })
  logged = []
  traces = []
  const log = openLog('info', { write: (line) => void logged.push(line) })
  const parts = { trace: (trace: Trace) => void traces.push(trace), now: () => new Date() }
  const { answer } = lazyApp({ log, stores: [], accepting: () => true, parts }, async () => {
    const pages = await loading
    if (pages instanceof Error) throw pages
    return pages
  })
  server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  loaded(pages)
  server.closeAllConnections()
  await new Promise((closed) => server.close(closed))
})

const visit = async (path = '/login') => {
  const response = await fetch(`${address}${path}`)
  const { status, headers } = response
  return { status, retryAfter: headers.get('retry-after'), text: await response.text() }
}

describe('while the pages load', () => {
  it('300 requests wait, more get 503 with Retry-After, and operators are answered', async () => {
    let answered = 0
    const visits = Array.from({ length: 320 }, async () => {
      const answer = await visit()
      answered += 1
      return answer
    })
    await expect.poll(() => answered).toBe(20)
    expect(await visit()).toEqual({ status: 503, retryAfter: '2', text: '{"status":"starting"}' })
    expect((await visit('/healthz')).status).toBe(200)
    expect((await visit('/readyz')).status).toBe(200)

    loaded(pages)
    const answers = await Promise.all(visits)
    expect(answers.filter(({ status, text }) => status === 200 && text === 'a page')).toHaveLength(300)
    expect(answers.filter(({ status, retryAfter }) => status === 503 && retryAfter === '2')).toHaveLength(20)
    expect(await visit()).toMatchObject({ status: 200, text: 'a page' })
    expect(logged.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ refused: 21, msg: 'too many waited for the pages to be loaded' }),
    ])
  })

  it('P9: all waiting requests fail if loading fails, with a reference to a trace', async () => {
    const visits = [visit(), visit()]
    loaded(new Error('a file is missing'))
    const [first, second] = await Promise.all(visits)
    expect([first?.status, second?.status]).toEqual([500, 500])
    expect(logged[0]).toContain('the pages could not be loaded')
    expect(first?.text).toContain(`Reference: <code>${JSON.parse(logged[0] ?? '{}').reference}</code>`)
    expect(traces.map(({ reference }) => reference)).toContain(JSON.parse(logged[0] ?? '{}').reference)
    expect(first?.text).not.toContain('a file is missing')
    expect((await visit('/api/sessions')).text, 'a page of the reference').toContain('<!doctype html>')
    const { status, text } = await visit('/api/v1/sessions')
    expect({ status, problem: JSON.parse(text) }).toMatchObject({ status: 500, problem: { code: 'internal' } })
  })
})
