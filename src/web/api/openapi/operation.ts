/** One row of the API's description. */
import type { ErrorCode } from '../../../errors.ts'
import type { SchemaName } from './schemas.ts'

/** Who calls: what the readable page is grouped by. */
export type Group = 'anyone' | 'person' | 'developer' | 'app'

export type Credential = 'sessionToken' | 'sessionCookie' | 'appSecret' | 'appKey'

export interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** As in the router, with `:id` for what varies. */
  readonly path: `/api/v1/${string}`
  readonly id: string
  readonly group: Group
  /** Any one of them; none: the body proves what has to be proved, or nothing has. */
  readonly credentials: readonly Credential[]
  readonly summary: string
  readonly description?: string
  /** Name → what it is, of what varies in the path. */
  readonly parameters?: Readonly<Record<string, string>>
  readonly body?: { readonly schema: SchemaName; readonly example: unknown }
  readonly answer: {
    readonly status: 200 | 201 | 204
    readonly description: string
    readonly schema?: SchemaName
    readonly example?: unknown
  }
  /** What it may refuse with, besides what any request may meet. */
  readonly errors: readonly ErrorCode[]
}

export const person = ['sessionToken', 'sessionCookie'] as const
export const server = ['appSecret', 'appKey'] as const
