/** When an app's secret or key was last used, for its developer's page. */

import type { App } from '../../app/app.ts'
import { BoundedMap } from '../../primitives/bounded-map.ts'
import { computedOnce } from '../../primitives/computed-once.ts'
import type { CorePorts, Ports } from '../ports/core-ports.ts'

export type CredentialUsePorts = Ports<'apps' | 'now'> & {
  /** Called when recording the use fails; the request still succeeds. */
  readonly onProblem?: (sentence: string, cause: unknown) => void
}

const recordIntervalMs = 60_000
const maxRemembered = 5000
const lastRecorded = computedOnce((_: CorePorts['apps']) => new BoundedMap<string, number>(maxRemembered))

/** At most once a minute, without waiting. Declared apps have no page that shows it. */
export function recordUse({ apps, now, onProblem }: CredentialUsePorts, app: App, credential: string): void {
  const at = now()
  const notedAt = lastRecorded(apps)
  const name = `${app.id} ${credential}`
  if (app.owner === undefined || at.getTime() - (notedAt.get(name) ?? 0) < recordIntervalMs) return
  notedAt.set(name, at.getTime())
  apps.recordUse(app.id, credential, at).catch((cause) => {
    notedAt.delete(name)
    onProblem?.('the use of a key or secret could not be noted', cause)
  })
}
