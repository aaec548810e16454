/**
 * Express and the pages take longer to load than everything else together, so the process listens before: who asks for a page meanwhile
 * waits for it, but not more than so many.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { later } from '../later.ts'
import { operationOf, sayStarting } from './operations.ts'
import { errorForLog } from './problem.ts'
import type { Shell } from './shell.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

const mostWaiting = 300

export function pagesLater(shell: Pick<Shell, 'stores' | 'accepting' | 'log'>, make: () => Promise<Answer>) {
  let pages: Answer | undefined
  let waiting = 0
  let refused = 0
  const load = later(async () => {
    pages = await make()
    if (refused > 0) shell.log.warn({ refused }, 'too many waited for the pages to be loaded')
    return pages
  })
  const answer: Answer = (request, response) => {
    if (pages !== undefined) return pages(request, response)
    const operation = operationOf(request)
    if (operation !== undefined) return void operation(shell, request, response)
    if (waiting >= mostWaiting) {
      refused += 1
      return sayStarting(response)
    }
    waiting += 1
    load()
      .then(
        (loaded) => loaded(request, response),
        (error: unknown) => {
          shell.log.error({ error: errorForLog(error) }, 'the pages could not be loaded')
          response.writeHead(500).end()
        },
      )
      .finally(() => {
        waiting -= 1
      })
  }
  return { load, answer }
}
