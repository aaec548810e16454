/** Re-checks of a connection's users: the last one, refusals, and those that prove nothing. */
import type { ConnectionKey } from '../../../broker/connections.ts'
import type { RecheckState } from '../../../broker/ports/upstream-grants.ts'
import { GatehouseError } from '../../../errors.ts'
import { formatDuration } from '../../../pages/duration-text.ts'
import { Fact } from '../../../pages/parts.tsx'
import { Time } from '../../../pages/time.tsx'
import type { Shell } from '../../shell.ts'

export interface RecheckFigures extends RecheckState {
  readonly intervalSeconds: number
  /**
   * Number of refusals of the last day, up to a limit; undefined while the audit log is
   * unavailable.
   */
  readonly refused: number | undefined
}

const dayMs = 86_400_000
export const maxRefusals = 200

/** Undefined for a connection without `recheck`, or while the store is unavailable. */
export async function recheckFigures(
  { parts }: Pick<Shell, 'parts'>,
  key: ConnectionKey,
): Promise<RecheckFigures | undefined> {
  const { recheckSeconds: intervalSeconds } = parts.connections.get(key.tenant, key.connection).settings
  if (intervalSeconds === undefined) return undefined
  const since = new Date(parts.now().getTime() - dayMs)
  const filter = { tenant: key.tenant, action: 'recheck.refused', since, limit: maxRefusals }
  try {
    const [state, events] = await Promise.all([parts.upstreamGrants.stateOf(key), parts.audit.recent(filter)])
    const refused = events.filter(({ details }) => details['connection'] === key.connection).length
    return { ...state, intervalSeconds, refused }
  } catch (error) {
    if (error instanceof GatehouseError && error.code === 'store_unavailable') return undefined
    throw error
  }
}

export function Rechecks({ figures, now }: { readonly figures: RecheckFigures; readonly now: Date }) {
  const { users, lastConfirmedAt, refused, failing, failingSince, failure, intervalSeconds } = figures
  return (
    <dl>
      <Fact label="Interval">{formatDuration(intervalSeconds)}</Fact>
      <Fact label="Users">{users.toLocaleString('en-US')}</Fact>
      <Fact label="Last confirmed">
        {lastConfirmedAt === undefined ? 'never' : <Time at={lastConfirmedAt} now={now} />}
      </Fact>
      <Fact label="Refused in the last day">{refused === maxRefusals ? `${maxRefusals} or more` : refused}</Fact>
      <Fact label="Not re-checked">
        {failing === 0 || failingSince === undefined ? (
          'none'
        ) : (
          <>
            {failing.toLocaleString('en-US')}, since <Time at={failingSince} now={now} /> (<code>{failure}</code>). They
            keep their sessions.
          </>
        )}
      </Fact>
    </dl>
  )
}
