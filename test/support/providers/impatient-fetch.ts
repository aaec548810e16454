import type { Emulator } from '../../../providers/emulator/emulator.ts'
import { guardedFetch } from '../../../src/outbound/guarded-fetch.ts'

const silentFaults = ['hang', 'drip', 'slow']
const allowPrivate = ['127.0.0.1', 'localhost']

/**
 * Waits one second for an answer if a fault keeps it back, otherwise a minute: a busy machine is
 * slow too.
 */
export function impatientFetch(emulator: () => Pick<Emulator<string, string>, 'activeFaults'>) {
  const short = guardedFetch({ allowPrivate, timeoutMs: 1000 })
  const long = guardedFetch({ allowPrivate, timeoutMs: 60_000 })
  const isSilent = () =>
    emulator()
      .activeFaults()
      .some((name) => silentFaults.includes(name))
  return {
    fetch: (...request: Parameters<typeof fetch>) => (isSilent() ? short : long).fetch(...request),
    close: () => Promise.all([short.close(), long.close()]),
  }
}
