/** The one line on the sign-in page about how the browser came to it. */
import type { Session } from '../../broker/session/session.ts'
import { connectionLabel } from '../../http/connection-labels.ts'
import type { LoginParams } from '../../http/destination.ts'
import { type Fields, textField } from '../../http/fields.ts'
import { appHref } from '../errors/recovery-links.ts'
import type { Shell, WithParts } from '../shell.ts'

export interface LoginNotice {
  readonly text: string
  /** Finds the trace. */
  readonly reference?: string | undefined
  /** Ends the app's request: the user canceled. */
  readonly toApp?: string | undefined
}

/** Throws `request_invalid`. */
export function readLoginNotice(query: Fields) {
  const kind = textField(query, 'expired') === undefined ? textField(query, 'notice', 32) : 'expired'
  if (kind !== 'canceled') return { kind }
  return { kind, connection: shortText(query['connection'], 64), reference: shortText(query['reference'], 16) }
}

/** Undefined if it is longer: links of others may use the same names. */
const shortText = (value: unknown, max: number) =>
  typeof value === 'string' && value.length <= max ? value : undefined

type NoticePorts = Pick<Shell, 'publicUrl'> & WithParts<'connections'>

/** Names a connection of the tenant only: the query may hold any text. */
export function loginNotice(
  { parts: { connections }, publicUrl }: NoticePorts,
  { tenant, returnTo }: LoginParams & { readonly tenant: string },
  session: Session | null,
  { kind, connection = '', reference = '' }: ReturnType<typeof readLoginNotice>,
): LoginNotice | undefined {
  switch (kind) {
    case 'expired':
      return { text: 'Your sign-in was not finished in time. Please sign in again.' }
    case 'password-saved':
      return { text: 'Your password is saved. Sign in to continue.' }
    case 'signed-out':
      return session === null ? { text: "You're signed out." } : undefined
    case 'canceled': {
      const isKnown = connections.tenant(tenant).connections.some(({ id }) => id === connection)
      const using = isKnown ? ` with ${connectionLabel(connections, tenant, connection)}` : ''
      return {
        text: `The sign-in${using} was canceled.`,
        reference: /^[0-9A-Z]{4}-[0-9A-Z]{4}$/.test(reference) ? reference : undefined,
        toApp: appHref({ publicUrl }, 'user_denied', { returnTo }),
      }
    }
    default:
      return undefined
  }
}
