/** `/api/v1/users/me`: the user's own name, their data, and the deletion of the account. */
import { cancelDeletion, requestDeletion } from '../../../broker/identity/account/delete-user.ts'
import { editProfile, type NameChange } from '../../../broker/identity/account/edit-profile.ts'
import { exportData } from '../../../broker/identity/account/export-data.ts'
import type { UserDeletion } from '../../../broker/ports/user-deletions.ts'
import type { Session } from '../../../broker/session/session.ts'
import { GatehouseError } from '../../../errors.ts'
import { isoTime } from '../../../http/iso-time.ts'
import { profileView, sourcesView } from '../../../http/views.ts'
import { answer, apiRoute } from '../route.ts'
import { schemas } from '../schemas.ts'

const path = '/api/v1/users/me'
const write = { caller: 'session', permission: 'profile:write', fromReturnOrigins: true } as const
const exampleDeletion = { requestedAt: '2026-11-30T09:30:00Z', dueAt: '2026-12-14T09:30:00Z' }

export const ownAccountRoutes = [
  apiRoute('updateUser', 'patch', path, {
    ...write,
    summary: 'Change the name of the user',
    description:
      'What the user sets counts instead of what their sign-in methods supply, also after later sign-ins. `null` resets an attribute to what they supply.',
    body: { schema: schemas.NameChange, example: { name: 'Ada King' } },
    answer: answer(200, 'The names as they count now.', schemas.ChangedName, {
      profile: { name: 'Ada King', given_name: 'Ada', family_name: 'Lovelace' },
      sources: { name: 'user', given_name: 'okta', family_name: 'okta' },
    }),
    errors: ['server_busy'],
    handler: async ({ shell: { parts }, caller, body }) => {
      const { name, given_name: givenName, family_name: familyName } = body
      const change: NameChange = {
        ...(name !== undefined && { name }),
        ...(givenName !== undefined && { givenName }),
        ...(familyName !== undefined && { familyName }),
      }
      const { profile } = await editProfile(parts, caller, change)
      const { given_name, family_name } = profileView(profile)
      return { profile: { name: profile.name, given_name, family_name }, sources: sourcesView(profile) }
    },
  }),
  apiRoute('exportUserData', 'get', `${path}/export`, {
    caller: 'session',
    permission: 'profile:read',
    fromReturnOrigins: true,
    summary: 'Get everything that is stored about the user',
    description: 'Without secrets. At most 10,000 audit events, the newest; `eventsComplete` says whether that is all.',
    answer: answer(200, 'The stored data of the user.', schemas.UserData, {
      exportedAt: '2026-11-30T09:30:00Z',
      user: { id: '8f14e45fceea167a5a36', tenant: 'acme', status: 'active', profile: { name: 'Ada Lovelace' } },
      identities: [],
      sessions: [],
      tokens: [],
      consents: [],
      apps: [],
      roles: [],
      authenticators: [],
      devices: [],
      events: [],
      eventsComplete: true,
    }),
    errors: ['api_token_refused'],
    handler: ({ shell: { parts }, caller }) => {
      assertSession(caller)
      return exportData(parts, caller)
    },
  }),
  apiRoute('getDeletion', 'get', `${path}/deletion`, {
    caller: 'session',
    permission: 'profile:read',
    fromReturnOrigins: true,
    summary: 'Get the requested deletion of the account',
    answer: answer(200, 'When it takes effect.', schemas.Deletion, exampleDeletion),
    errors: ['not_found'],
    handler: async ({ shell: { parts }, caller }) => {
      const pending = await parts.userDeletions.find(caller)
      if (pending === null) throw noDeletion()
      return deletionView(pending)
    },
  }),
  apiRoute('requestDeletion', 'put', `${path}/deletion`, {
    ...write,
    summary: 'Request the deletion of the account',
    description:
      'It takes effect after the waiting period of the tenant (`accounts.deletion`). All proven addresses of the user get an email with a link that cancels it. Asking again changes nothing.',
    answer: answer(200, 'When it takes effect.', schemas.Deletion, exampleDeletion),
    errors: ['fresh_sign_in_required', 'deletion_refused', 'user_owns_apps'],
    handler: async ({ shell: { parts }, caller }) => deletionView(await requestDeletion(parts, caller)),
  }),
  apiRoute('cancelDeletion', 'delete', `${path}/deletion`, {
    ...write,
    summary: 'Cancel the deletion of the account',
    answer: answer(204, 'The account is kept.'),
    errors: ['not_found'],
    handler: async ({ shell: { parts }, caller }) => {
      if (!(await cancelDeletion(parts, caller))) throw noDeletion()
    },
  }),
]

const deletionView = ({ requestedAt, dueAt }: UserDeletion) => ({
  requestedAt: isoTime(requestedAt),
  dueAt: isoTime(dueAt),
})

const noDeletion = () => new GatehouseError('not_found', 'no deletion of this account is pending')

function assertSession({ apiToken }: Session): void {
  if (apiToken === undefined) return
  throw new GatehouseError('api_token_refused', 'an API token cannot export all data of its user', {
    text: 'An API token cannot do this. Sign in, and send the session token.',
  })
}
