/** `gatehouse sessions list` and `sessions end`. */
import { endSessionOf, endSessionsOf } from '../../broker/session/end-sessions-of.ts'
import { truncate } from '../../primitives/untrusted-text.ts'
import { jsonText, withMigratedCore } from '../open.ts'
import { textTable, timeText } from '../text-table.ts'
import { userAnywhere } from './user-anywhere.ts'
import { userText } from './user-text.ts'

const actor = 'cli'

export const listSessions = withMigratedCore(async (core, { user: name, tenant, json }) => {
  const user = await userAnywhere(core, name, tenant)
  const sessions = await core.parts.sessions.list(user.tenant, user.id)
  if (json)
    return jsonText(
      sessions.map(({ id, connection, device, createdAt, lastSeenAt, expiresAt }) => {
        return { id, connection, device, createdAt, lastSeenAt, expiresAt }
      }),
    )
  if (sessions.length === 0) return `${userText(user)} has no sessions`
  const cells = sessions.map(({ id, connection, device, lastSeenAt }) => {
    return [id, connection, truncate(device, 24), timeText(lastSeenAt)]
  })
  return textTable([['id', 'connection', 'device', 'last seen'], ...cells])
})

/** Exit code 1 if the user has no such session. */
export const endSessions = withMigratedCore(async (core, { user: name, tenant, session }) => {
  const user = await userAnywhere(core, name, tenant)
  if (session === undefined) {
    const ended = await endSessionsOf(core.parts, user, actor)
    return `sessions of ${userText(user)} ended: ${ended}`
  }
  if (await endSessionOf(core.parts, user, session, actor)) return `session ${session} ended`
  return { text: `${userText(user)} has no session ${session}: gatehouse sessions list shows them`, code: 1 }
})
