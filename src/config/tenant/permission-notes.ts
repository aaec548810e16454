/** Notes tenants whose groups in sessions changed with 0.1.0. */
import type { ConnectionSettings } from '../../tenant.ts'
import { isMap, note, type Source } from '../source/source.ts'

/** Only with several connections and without `groupsFromOtherConnections`. */
export function notePermissions(source: Source, connections: readonly ConnectionSettings[]): void {
  const sessions = isMap(source.value) ? source.value['sessions'] : undefined
  if (connections.length < 2 || (isMap(sessions) && sessions['groupsFromOtherConnections'] !== undefined)) return
  const ids = connections.map(({ id }) => id).join(', ')
  note(
    source,
    ['connections'],
    `groups and roles count only in sessions of the connection that supplied them (${ids}), not in those of the others and not in offline access; to let them count longer, set sessions.groupsFromOtherConnections, such as 12h; to keep this, set it to never`,
  )
}
