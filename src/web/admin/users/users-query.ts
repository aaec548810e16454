/** The search of users, read from the query of the page. */
import type { Request } from 'express'
import type { User, UserKind } from '../../../broker/ports/users.ts'
import { withQuery } from '../../../http/destination.ts'
import { queryOf, textField } from '../../../http/fields.ts'
import { usersPath } from './paths.ts'

export const userStatuses = ['active', 'blocked', 'revoked'] as const satisfies readonly User['status'][]
export const userKinds = ['person', 'service'] as const satisfies readonly UserKind[]

export interface UsersQuery {
  readonly tenant: string | undefined
  /** An email, its beginning, or the id of a user. */
  readonly email: string | undefined
  readonly name: string | undefined
  readonly status: User['status'] | undefined
  readonly kind: UserKind | undefined
  readonly cursor: string | undefined
}

/** A value that the form does not offer counts as none. */
export function readUsersQuery(request: Request): UsersQuery {
  const query = queryOf(request)
  const text = (name: string, max = 256) => textField(query, name, max)?.trim() || undefined
  const wordOf = <Word extends string>(words: readonly Word[], name: string) =>
    words.find((word) => word === text(name, 32))
  return {
    tenant: text('tenant', 64),
    email: text('email'),
    name: text('name'),
    status: wordOf(userStatuses, 'status'),
    kind: wordOf(userKinds, 'kind'),
    cursor: text('cursor', 128),
  }
}

export const usersHref = (query: Partial<UsersQuery>) => withQuery(usersPath, { ...query })
