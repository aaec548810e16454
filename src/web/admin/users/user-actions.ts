/** Actions of an administrator on a user. Each has a confirm page and a form. */

import {
  assignRoleBy,
  blockUserBy,
  endUserSession,
  endUserSessions,
  removeRoleBy,
  resetUserPassword,
  revokeUserConsent,
  revokeUserToken,
  revokeUserTokens,
  unblockUserBy,
} from '../../../broker/access/change-user.ts'
import type { Permission } from '../../../broker/access/permission.ts'
import type { Administrator } from '../../../broker/access/target.ts'
import { resetUserFactors } from '../../../broker/access/user-factors.ts'
import type { User } from '../../../broker/ports/users.ts'
import { GatehouseError } from '../../../errors.ts'
import type { Shell } from '../../shell.ts'
import type { notices } from './notices.ts'

export interface Question {
  readonly title: string
  readonly text: string
  /** Label of the button. */
  readonly label: string
  /** The action is irreversible, or ends the user's access. Default false. */
  readonly danger?: true
}

type Notice = keyof typeof notices

export interface UserAction {
  /** Below the page of the user; `:item` is a session, a token, an app or a role. */
  readonly path: string
  readonly permission: Permission
  /** Needs a sign-in or a factor of the last ten minutes. */
  readonly needsFreshSignIn?: true
  /** @param name of the user */
  readonly ask: (name: string, item: string, status: User['status']) => Question
  /** Returns what the page says afterwards. */
  readonly run: (parts: Shell['parts'], by: Administrator, id: string, item: string) => Promise<Notice>
}

/** Throws `not_found` unless the change was made. */
function made(isMade: boolean, notice: Notice): Notice {
  if (isMade) return notice
  throw new GatehouseError('not_found', 'there is nothing to change any more', {
    text: 'It ended or was removed already.',
  })
}

/** Throws `not_found`: the command line alone makes operators. */
function roleOf(item: string): 'admin' | 'developer' {
  if (item === 'admin' || item === 'developer') return item
  throw new GatehouseError('not_found', 'this role is not assigned here', { text: 'This role is not assigned here.' })
}

export const userActions: readonly UserAction[] = [
  {
    path: 'sessions/:item/end',
    permission: 'users:write',
    ask: (name) => ({
      title: `End a session of ${name}?`,
      text: 'That browser or program is signed out at once, also from the apps that it used.',
      label: 'End session',
    }),
    run: async (parts, by, id, item) => made(await endUserSession(parts, by, id, item), 'session-ended'),
  },
  {
    path: 'sessions/end',
    permission: 'users:write',
    ask: (name) => ({
      title: `End all sessions of ${name}?`,
      text: 'The user is signed out everywhere, and out of all apps. They can sign in again. Their API tokens keep working.',
      label: 'End all sessions',
    }),
    run: async (parts, by, id) => {
      await endUserSessions(parts, by, id)
      return 'sessions-ended'
    },
  },
  {
    path: 'block',
    permission: 'users:write',
    ask: (name) => ({
      title: `Block ${name}?`,
      text: 'Their sessions and the access of apps end at once, sign-ins and API tokens are rejected, and apps that they registered stop working, until you unblock them.',
      label: 'Block user',
      danger: true,
    }),
    run: async (parts, by, id) => {
      await blockUserBy(parts, by, id)
      return 'blocked'
    },
  },
  {
    path: 'unblock',
    permission: 'users:write',
    ask: (name, _item, status) => ({
      ...(status === 'revoked'
        ? { title: `Restore the access of ${name}?`, label: 'Restore access' }
        : { title: `Unblock ${name}?`, label: 'Unblock user' }),
      text: 'They may sign in again, and their API tokens and apps work again. Sessions that ended stay ended.',
    }),
    run: async (parts, by, id) => {
      await unblockUserBy(parts, by, id)
      return 'unblocked'
    },
  },
  {
    path: 'password/reset',
    permission: 'users:write',
    ask: (name) => ({
      title: `Email ${name} a link to set a new password?`,
      text: 'The link works for an hour. Their password works until they set a new one, which ends all their sessions.',
      label: 'Send the link',
    }),
    run: async (parts, by, id) => {
      await resetUserPassword(parts, by, id)
      return 'reset-mailed'
    },
  },
  {
    path: 'factors/reset',
    permission: 'users:write',
    needsFreshSignIn: true,
    ask: (name) => ({
      title: `Reset the second factors of ${name}?`,
      text: 'Their authenticator apps, passkeys, recovery codes and remembered browsers are removed, and they get an email. Make sure that the request comes from the user: until they set up a new factor, they sign in without one.',
      label: 'Reset second factors',
      danger: true,
    }),
    run: async (parts, by, id) => {
      await resetUserFactors(parts, by, id)
      return 'factors-reset'
    },
  },
  {
    path: 'tokens/:item/revoke',
    permission: 'users:write',
    ask: (name) => ({
      title: `Revoke an API token of ${name}?`,
      text: 'Programs that use it stop working at once. You cannot undo this.',
      label: 'Revoke token',
      danger: true,
    }),
    run: async (parts, by, id, item) => made(await revokeUserToken(parts, by, id, item), 'token-revoked'),
  },
  {
    path: 'tokens/revoke',
    permission: 'users:write',
    ask: (name) => ({
      title: `Revoke all API tokens of ${name}?`,
      text: 'Programs that use any of them stop working at once. You cannot undo this.',
      label: 'Revoke all tokens',
      danger: true,
    }),
    run: async (parts, by, id) => {
      await revokeUserTokens(parts, by, id)
      return 'tokens-revoked'
    },
  },
  {
    path: 'consents/:item/revoke',
    permission: 'users:write',
    ask: (name) => ({
      title: `Revoke the access of an app to ${name}?`,
      text: "The app's tokens of this user end at once, and the user is signed out there. It may ask the user again.",
      label: 'Revoke access',
      danger: true,
    }),
    run: async (parts, by, id, item) => made(await revokeUserConsent(parts, by, id, item), 'access-revoked'),
  },
  {
    path: 'roles/:item/assign',
    permission: 'roles:write',
    needsFreshSignIn: true,
    ask: (name, item) => ({
      title: `Make ${name} ${roleOf(item)}?`,
      text: roleTexts[roleOf(item)],
      label: 'Assign role',
    }),
    run: async (parts, by, id, item) => {
      await assignRoleBy(parts, by, id, roleOf(item))
      return 'role-assigned'
    },
  },
  {
    path: 'roles/:item/remove',
    permission: 'roles:write',
    needsFreshSignIn: true,
    ask: (name, item) => ({
      title: `Remove the role ${roleOf(item)} from ${name}?`,
      text: "The change applies to their next request. A role that access: in the tenant's file gives stays.",
      label: 'Remove role',
      danger: true,
    }),
    run: async (parts, by, id, item) => made(await removeRoleBy(parts, by, id, roleOf(item)), 'role-removed'),
  },
]

const roleTexts = {
  admin: 'An admin sees and changes all users and apps of this tenant. The role applies to their next request.',
  developer: 'A developer registers apps and has a client secret. The role applies to their next request.',
} as const
