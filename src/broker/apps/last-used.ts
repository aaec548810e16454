/** When a secret or key was last used, for its owner and for administrators. */
import type { App } from '../../app/app.ts'
import { BoundedMap } from '../../primitives/bounded-map.ts'
import { computedOnce } from '../../primitives/computed-once.ts'
import type { Ports } from '../ports/core-ports.ts'

interface Reporter {
  /** Called when recording the use fails; the request still succeeds. */
  readonly onProblem?: (sentence: string, cause: unknown) => void
}

export type CredentialUsePorts = Ports<'apps' | 'now'> & Reporter

const recordIntervalMs = 60_000
const maxRemembered = 5000
/** Per store: credential → when its use was last written. */
const lastRecorded = computedOnce((_: object) => new BoundedMap<string, number>(maxRemembered))

/**
 * Records a use at most once a minute, without waiting. Apps of gatehouse.yaml have no owner and
 * are skipped.
 */
export function recordUse({ apps, now, onProblem }: CredentialUsePorts, app: App, credentialId: string): void {
  if (app.owner === undefined) return
  const at = now()
  const write = () => apps.recordUse(app.id, credentialId, at)
  recordAtMostOnceAMinute({ store: apps, onProblem }, `${app.id} ${credentialId}`, at, write)
}

export function recordDeveloperSecretUse(
  { developerSecrets: store, now, onProblem }: Ports<'developerSecrets' | 'now'> & Reporter,
  hash: string,
): void {
  const at = now()
  recordAtMostOnceAMinute({ store, onProblem }, hash, at, () => store.recordUse(hash, at))
}

type Recorder = { readonly store: object; readonly onProblem: Reporter['onProblem'] | undefined }

function recordAtMostOnceAMinute(
  { store, onProblem }: Recorder,
  key: string,
  at: Date,
  write: () => Promise<void>,
): void {
  const recordedAt = lastRecorded(store)
  if (at.getTime() - (recordedAt.get(key) ?? 0) < recordIntervalMs) return
  recordedAt.set(key, at.getTime())
  write().catch((cause) => {
    recordedAt.delete(key)
    onProblem?.('the use of a key or secret could not be noted', cause)
  })
}
