/** Sends a request and collects its response, without a stream, which would cost more. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'

export interface ReceivedHead {
  readonly status: number
  readonly headers: IncomingHttpHeaders
}

export interface Received extends ReceivedHead {
  readonly content: Buffer<ArrayBuffer>
}

export interface RequestLimits {
  readonly timeoutMs: number
  readonly maxBytes: number
  readonly signal: AbortSignal | undefined
  /** An error stops the response before its body. */
  readonly refuse: (head: ReceivedHead) => Error | undefined
  /** The error for a body of more than `maxBytes`. */
  readonly tooLong: () => Error
}

export class TimedOut extends Error {}

type Controller = Dispatcher.DispatchController

export function sendRequest(
  agent: Dispatcher,
  request: Dispatcher.DispatchOptions,
  limits: RequestLimits,
): Promise<Received> {
  const { timeoutMs, maxBytes, signal, refuse, tooLong } = limits
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    let head: ReceivedHead | undefined
    let running: Controller | undefined
    let failure: Error | undefined

    const timer = setTimeout(() => stop(new TimedOut()), timeoutMs)
    const abort = () => stop(signal?.reason instanceof Error ? signal.reason : new Error('aborted'))
    if (signal?.aborted) return abort()
    signal?.addEventListener('abort', abort)

    function settle(): void {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }

    function stop(error: Error): void {
      failure ??= error
      settle()
      reject(failure)
      running?.abort(failure)
    }

    agent.dispatch(request, {
      onRequestStart(controller) {
        running = controller
        if (failure !== undefined) controller.abort(failure)
      },
      onResponseStart(_controller, status, headers) {
        if (status < 200) return
        head = { status, headers }
        const refusal = refuse(head)
        if (refusal !== undefined) stop(refusal)
      },
      onResponseData(_controller, chunk) {
        size += chunk.length
        chunks.push(chunk)
        if (size > maxBytes) stop(tooLong())
      },
      onResponseEnd() {
        settle()
        if (head === undefined) return reject(new Error('no response'))
        const [first] = chunks
        resolve({
          ...head,
          content: (chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks)) as Buffer<ArrayBuffer>,
        })
      },
      onResponseError: (_controller, error) => stop(error),
    })
  })
}
