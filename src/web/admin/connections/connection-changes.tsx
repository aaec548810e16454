/** Changes of the upstream of a connection: keys, certificates, endpoints. */
import type { ConnectionKey } from '../../../broker/connections.ts'
import type { AuditEvent } from '../../../broker/ports/audit.ts'
import { GatehouseError } from '../../../errors.ts'
import { Scroll } from '../../../pages/scroll.tsx'
import { Time } from '../../../pages/time.tsx'
import { truncate } from '../../../primitives/untrusted-text.ts'
import type { WithParts } from '../../shell.ts'

const labels = {
  'connection.keys_changed': 'Signing keys',
  'connection.certificates_changed': 'Certificates',
  'connection.endpoints_changed': 'Endpoints',
} as const
const actions = ['connection.keys_changed', 'connection.certificates_changed', 'connection.endpoints_changed'] as const

const maxOfEach = 5
const maxShownLength = 400

export interface UpstreamChange extends Pick<AuditEvent, 'at' | 'id' | 'details'> {
  readonly label: string
}

/** Newest first. Undefined while the audit log is unavailable. */
export async function changesOf(
  { parts }: WithParts<'audit'>,
  { tenant, connection }: ConnectionKey,
): Promise<readonly UpstreamChange[] | undefined> {
  const filter = { tenant, user: `connection:${connection}`, limit: maxOfEach }
  try {
    const found = await Promise.all(
      actions.map(async (action) => {
        const events = await parts.audit.recent({ ...filter, action })
        return events.map(({ at, id, details }) => ({ at, id, details, label: labels[action] }))
      }),
    )
    return found.flat().toSorted((one, other) => other.at.getTime() - one.at.getTime())
  } catch (error) {
    if (error instanceof GatehouseError && error.code === 'store_unavailable') return undefined
    throw error
  }
}

interface ChangesProps {
  readonly changes: readonly UpstreamChange[] | undefined
  readonly now: Date
}

export function Changes({ changes, now }: ChangesProps) {
  if (changes === undefined) return <p role="status">The audit log is unavailable.</p>
  if (changes.length === 0) return <p>Keys, certificates and endpoints are as they were when they were first seen.</p>
  return (
    <Scroll label="Recorded changes">
      <table class="records">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">What</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
          </tr>
        </thead>
        <tbody>
          {changes.map(({ at, id, label, details }) => (
            <tr key={id}>
              <th scope="row">
                <Time at={at} now={now} />
              </th>
              <td data-label="What" class="words">
                {label}
              </td>
              <td data-label="Before" class="problem">
                {truncate(details['before'] ?? '', maxShownLength)}
              </td>
              <td data-label="After" class="problem">
                {truncate(details['after'] ?? '', maxShownLength)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}
