/** Memory that starting took for a moment, reading a large configuration most of all: an idle process keeps it unless it is told. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Collects garbage once and gives its pages back, some 50 ms: when all is loaded, and elsewhere the engine knows best. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect({ execution: 'sync', flavor: 'last-resort' })
}
