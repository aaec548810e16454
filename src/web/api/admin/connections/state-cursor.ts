/** Position in a list of connections: state, tenant and connection. */
import type { ListedConnection } from '../../../../broker/health/connection-list.ts'
import { rankOf } from '../../../../broker/health/connection-state.ts'
import { GatehouseError } from '../../../../errors.ts'

type Listed = Pick<ListedConnection, 'named' | 'state'>

/** Fields separated by a character that ids never have, so that they sort as the list does. */
const keyOf = ({ named: { tenant, connection }, state }: Listed) => [rankOf(state), tenant, connection].join('\0')

export const cursorAfter = (last: Listed): string => Buffer.from(keyOf(last)).toString('base64url')

interface Page<T> {
  readonly page: readonly T[]
  /** The last of the page; undefined if no more follow. */
  readonly next: T | undefined
}

/**
 * A connection whose state changes meanwhile may be missed or repeated. Throws `request_invalid`.
 */
export function pageAfter<T extends Listed>(all: readonly T[], cursor: string | undefined, limit: number): Page<T> {
  const after = cursor === undefined ? '' : Buffer.from(cursor, 'base64url').toString()
  if (cursor !== undefined && !/^\d\0[^\0]{1,64}\0[^\0]{1,64}$/.test(after)) {
    const text = 'The cursor is invalid: send the `next` of an earlier page, as it is.'
    throw new GatehouseError('request_invalid', 'cursor is no position in a list', { text })
  }
  const rest = all.filter((one) => keyOf(one) > after)
  const page = rest.slice(0, limit)
  return { page, next: rest.length > limit ? page.at(-1) : undefined }
}
