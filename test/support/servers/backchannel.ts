/** A queue of back-channel logouts, its workers, and two apps that receive the logouts. */
import { randomBytes } from 'node:crypto'
import { decodeJwt } from 'jose'
import type { App } from '../../../src/app/app.ts'
import { openSigningKeys } from '../../../src/broker/keys/signing-keys.ts'
import { KeyRing } from '../../../src/crypto/keyring.ts'
import { signingAlgorithms } from '../../../src/crypto/signing-algorithm.ts'
import { type BackchannelOptions, startBackchannel } from '../../../src/jobs/backchannel-logout.ts'
import type { Delivery } from '../../../src/jobs/queue-worker.ts'
import { guardedFetch } from '../../../src/outbound/guarded-fetch.ts'
import { openBroker } from '../gatehouse/broker.ts'
import { sampleApp } from '../store/samples.ts'
import { type LogoutReceiver, startLogoutReceiver } from './logout-receiver.ts'

export const issuer = 'https://gatehouse.test'

export type Backchannel = Awaited<ReturnType<typeof openBackchannel>>

export async function openBackchannel() {
  let time = new Date('2026-01-15T12:00:00Z')
  const now = () => time
  const { parts } = await openBroker()
  const queue = parts.logouts
  const policy = {
    algorithms: signingAlgorithms,
    rotateEverySeconds: undefined,
    publishAheadSeconds: 0,
    keepRetiredSeconds: 60,
  }
  const keys = openSigningKeys({ store: parts.signingKeys, keyRing: new KeyRing([randomBytes(32)]), policy, now })
  const [receiver, other] = [await startLogoutReceiver(), await startLogoutReceiver()]
  const outbound = guardedFetch({ allowPrivate: ['127.0.0.1'], timeoutMs: 3000 })
  const apps = new Map<string, App>([
    ['notes', sampleApp({ id: 'notes', backchannelLogoutUri: receiver.uri })],
    ['maps', sampleApp({ id: 'maps', backchannelLogoutUri: other.uri })],
  ])
  const problems: string[] = []
  const workers: Delivery[] = []

  return {
    now,
    queue,
    keys,
    receiver,
    other,
    apps,
    problems,
    workers,
    passSeconds: (seconds: number) => {
      time = new Date(time.getTime() + seconds * 1000)
    },
    /** Reads the queue only when woken, unless a test wants otherwise. */
    startWorker: (changes: Partial<BackchannelOptions> = {}): Delivery => {
      const worker = startBackchannel({
        queue,
        keys,
        issuer,
        now,
        apps: { find: async (id) => apps.get(id) ?? null },
        fetch: outbound.fetch,
        random: randomBytes,
        onProblem: (sentence) => problems.push(sentence),
        everySeconds: 3600,
        ...changes,
      })
      workers.push(worker)
      return worker
    },
    /** Takes all that is left in the queue, however long it still waits, and counts it. */
    countLeft: async (): Promise<number> => {
      const farAway = new Date(time.getTime() + 86_400_000_000)
      return (await queue.claim(farAway, new Date(farAway.getTime() + 1000), 500)).length
    },
    close: async (): Promise<void> => {
      receiver.release()
      other.release()
      await Promise.all(workers.map((worker) => worker.stop()))
      await Promise.all([receiver.close(), other.close(), outbound.close()])
    },
  }
}

export const logout = (sid: string, appId = 'notes') => ({ appId, subject: 'user-1', sid })

export const logouts = (count: number, appId = 'notes') =>
  Array.from({ length: count }, (_, index) => logout(`s${index}`, appId))

export const sids = ({ tokens }: LogoutReceiver): readonly string[] =>
  tokens.map((token) => String(decodeJwt(token)['sid']))
