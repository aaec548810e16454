/** After a migration: fills and indexes what searches use, in one process at a time. */
import type { Leases } from '../broker/ports/health.ts'
import { errorForLog } from '../http/problem.ts'
import { leaseOwner } from '../jobs/lease-owner.ts'
import type { Log } from './log.ts'
import type { Storage } from './storage.ts'

const retryMs = 60_000

interface CompletionPorts {
  readonly storage: Pick<Storage, 'completeSearch'>
  readonly leases: Leases
  /** Id of this process. */
  readonly owner: string
  readonly log: Log
}

/** Each process does it once after its start: one of an earlier release may have written since. */
export function startSearchCompletion({ storage, leases, owner, log }: CompletionPorts): { stop(): Promise<void> } {
  let timer: NodeJS.Timeout | undefined
  const onIndex = (index: string) => log.info({ index }, 'building an index; searches are slower until it is done')

  async function complete(): Promise<void> {
    try {
      const done = await storage.completeSearch(onIndex)
      if (done.indexes + done.rows > 0) log.info(done, 'searches have all their indexes and columns')
      await lease.stop()
    } catch (error) {
      log.warn({ error: errorForLog(error) }, 'completing searches failed; trying again')
      timer = setTimeout(() => void complete(), retryMs).unref()
    }
  }

  const onLost = () => clearTimeout(timer)
  const lease = leaseOwner({ leases, name: 'search', owner, onGained: () => void complete(), onLost })
  lease.start()
  return {
    stop: async () => {
      clearTimeout(timer)
      await lease.stop()
    },
  }
}
