/** Cursors of lists by time: the position of the last item of a page, opaque to callers. */
import { GatehouseError } from '../../errors.ts'

export interface ListPosition {
  readonly at: Date
  readonly id: string
}

export const cursorOf = ({ at, id }: ListPosition) => Buffer.from(`${at.getTime()}.${id}`).toString('base64url')

/** Throws `request_invalid`. */
export function positionOf(cursor: string): ListPosition {
  const [, ms, id] = /^(\d{1,15})\.([\w-]{1,100})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (ms === undefined || id === undefined) {
    const text = 'The cursor is invalid: send the `next` of an earlier page, as it is.'
    throw new GatehouseError('request_invalid', 'cursor is no position in a list', { text })
  }
  return { at: new Date(Number(ms)), id }
}
