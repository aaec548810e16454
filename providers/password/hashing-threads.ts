/** Threads that hash passwords, started at first use and kept. The caller limits how many run. */
import { Worker } from 'node:worker_threads'
import { GatehouseError } from '../../src/errors.ts'

export interface ArgonParameters {
  readonly memoryCost: number
  readonly timeCost: number
  readonly parallelism: number
  readonly outputLen: number
}

export type HashingJob =
  | { readonly kind: 'hash'; readonly password: Uint8Array; readonly parameters: ArgonParameters }
  | { readonly kind: 'verify'; readonly password: Uint8Array; readonly hash: string }

type Result<Job extends HashingJob> = Job['kind'] extends 'hash' ? string : boolean

export interface HashingThreads {
  /** On an idle thread, or a new one. */
  run<Job extends HashingJob>(job: Job): Promise<Result<Job>>
}

interface Answer {
  readonly result?: unknown
  readonly error?: string
}

/** The build has `.js` beside this module. */
const script = new URL(import.meta.url.endsWith('.ts') ? './hashing-worker.ts' : './hashing-worker.js', import.meta.url)

export function hashingThreads(): HashingThreads {
  const idle: Worker[] = []

  function start(): Worker {
    const thread = new Worker(script, { execArgv: [], env: {} })
    thread.unref() // idle threads keep no process alive
    return thread
  }

  return {
    run: (job) =>
      new Promise((resolve, reject) => {
        const thread = idle.pop() ?? start()
        const settle = () => {
          thread.off('message', onAnswer)
          thread.off('error', onEnd)
          thread.off('exit', onEnd)
          thread.unref()
        }
        const onAnswer = ({ result, error }: Answer) => {
          settle()
          idle.push(thread)
          if (error === undefined) resolve(result as Result<typeof job>)
          else reject(new GatehouseError('internal', `a password could not be hashed: ${error}`))
        }
        const onEnd = (cause: unknown) => {
          settle()
          reject(new GatehouseError('internal', 'a hashing thread ended', { cause }))
        }
        thread.on('message', onAnswer)
        thread.on('error', onEnd)
        thread.on('exit', onEnd)
        thread.ref()
        thread.postMessage(job)
      }),
  }
}
