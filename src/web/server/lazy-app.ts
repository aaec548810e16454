/** Loads Express and the pages after the server listens; requests for pages wait meanwhile. */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { refusalTracer } from '../../broker/limits/refusal-traces.ts'
import { referenceOf } from '../../broker/trace.ts'
import { GatehouseError } from '../../errors.ts'
import { errorForLog, problemOf } from '../../http/problem.ts'
import type { Shell } from '../shell.ts'
import { operationOf, respondStarting } from './health.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

const maxQueued = 300

export interface PagesShell extends Pick<Shell, 'stores' | 'accepting' | 'log'> {
  readonly parts: Pick<Shell['parts'], 'trace' | 'now'>
}

export function lazyApp(shell: PagesShell, make: () => Promise<Answer>) {
  const note = refusalTracer(shell.parts.trace, shell.parts.now)
  let pages: Answer | undefined
  let queued = 0
  let refused = 0
  const loadOnce = async () => {
    pages = await make()
    if (refused > 0) shell.log.warn({ refused }, 'too many waited for the pages to be loaded')
    return pages
  }
  let loading: Promise<Answer> | undefined
  const load = () => {
    loading ??= loadOnce()
    return loading
  }
  const answer: Answer = (request, response) => {
    if (pages !== undefined) return pages(request, response)
    const operation = operationOf(request)
    if (operation !== undefined) return void operation({ shell, response })
    if (queued >= maxQueued) {
      refused += 1
      return respondStarting(response)
    }
    queued += 1
    load()
      .then(
        (loaded) => loaded(request, response),
        (error: unknown) => {
          const reference = referenceOf(randomBytes(8))
          const broken = new GatehouseError('internal', 'the pages could not be loaded', { cause: error })
          note({ reference, error: broken, source: 'everyone', tenant: undefined, connection: undefined })
          shell.log.error({ reference, error: errorForLog(error) }, 'the pages could not be loaded')
          respondFailed(request, response, reference)
        },
      )
      .finally(() => {
        queued -= 1
      })
  }
  return { load, answer }
}

/** Responds without the page layout, which may itself have failed to load. */
function respondFailed(request: IncomingMessage, response: ServerResponse, reference: string): void {
  const { status, headers, body } = problemOf(new GatehouseError('internal', 'no pages'), reference)
  if (request.url?.startsWith('/api/v1/')) return void response.writeHead(status, headers).end(JSON.stringify(body))
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${body.title}</title>
<main><h1>${body.title}</h1><p>${body.detail}</p><p>The operator of this sign-in service can fix this. Reference: <code>${reference}</code></p></main></html>`
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(html)
}
