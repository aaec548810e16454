/** `/account`: the profile of the signed-in user. */
import type { Request } from 'express'
import { grantedRoles } from '../../../broker/access/authorize.ts'
import { namesOf } from '../../../broker/access/roles-of.ts'
import { isVerifiableByMail } from '../../../broker/identity/account/verify-email.ts'
import type { User, UserIdentity } from '../../../broker/ports/users.ts'
import { permissionView, profileIn } from '../../../broker/session/permissions.ts'
import { connectionLabel } from '../../../http/connection-labels.ts'
import { sendPage } from '../../../http/respond.ts'
import { ownSource } from '../../../profile/merge.ts'
import { type Attribute, attributesOf, type Profile } from '../../../profile/profile.ts'
import type { Call, PartsOf, WithParts } from '../../shell.ts'
import { readNotice } from '../notices.ts'
import { type OpenAccountPorts, openAccount, viewerWith } from '../open-account.ts'
import { accountSections } from '../sections.ts'
import { emailPath } from './paths.ts'
import { type AttributeSource, profilePage, type ShownAttribute } from './profile-page.tsx'

export type ProfilePorts = OpenAccountPorts &
  PartsOf<typeof grantedRoles> &
  WithParts<'connections' | 'now' | 'userDeletions' | 'users'>

const notices = {
  saved: 'Your name was saved. Apps get it at your next sign-in or refresh.',
  reset: 'Your name comes from your sign-in methods again.',
  kept: 'Your account is kept: its deletion was canceled.',
  verified: 'Your email address is verified.',
}

export const readProfileNotice = (request: Request) => readNotice(request, notices)

export async function showProfile(call: Call<ProfilePorts>, notice: string | undefined): Promise<void> {
  const account = await openAccount(call, accountSections.profile.path)
  if (account === null) return
  const { session } = account
  const { parts } = call.shell
  const { tenant, userId } = session
  const [user, identities, roles, deletion] = await Promise.all([
    parts.users.find(tenant, userId),
    parts.users.identitiesOf(tenant, userId),
    grantedRoles(parts, session),
    parts.userDeletions.find(session),
  ])
  const view = permissionView(parts.connections.tenant(tenant), session.connection, parts.now())
  const profile = user === null ? session.profile : profileIn(user, view)
  const sourceOf = (attribute: Attribute) =>
    user === null ? undefined : attributeSource(call.shell, user, identities, attribute)
  const html = profilePage({
    viewer: viewerWith(parts.connections.tenant(tenant), { ...session, profile }, namesOf(roles)),
    userId,
    profile,
    attributes: attributesIn(profile).map((shown) => ({ ...shown, source: sourceOf(shown.attribute) })),
    nameSource: sourceOf('name'),
    emailSource: sourceOf('email'),
    verifyHref: user !== null && isVerifiableByMail(parts.connections.tenant(tenant), user) ? emailPath : undefined,
    roles: namesOf(roles).filter((role) => role !== 'member'),
    deletionDueAt: deletion?.dueAt,
    notice,
    now: parts.now(),
  })
  sendPage(call.response, 200, html)
}

/** Not in the table: the page shows them elsewhere, or users have no use for them. */
const shownElsewhere: ReadonlySet<Attribute> = new Set(['name', 'email', 'groups', 'roles', 'updatedAt', 'pictureUrl'])

function attributesIn(profile: Profile): readonly ShownAttribute[] {
  return attributesOf(profile).flatMap((attribute) => {
    if (shownElsewhere.has(attribute)) return []
    const value = attribute === 'phone' ? profile.phone?.number : profile[attribute]
    return typeof value === 'string' ? [{ attribute, text: value }] : []
  })
}

/** Undefined if no source is known: an earlier version stored the attribute. */
function attributeSource(
  { parts }: ProfilePorts,
  { tenant, profile: { sources = {}, edited = {} } }: User,
  identities: readonly UserIdentity[],
  attribute: Attribute,
): AttributeSource | undefined {
  const source = sources[attribute]
  if (source === undefined) return undefined
  if (source === ownSource && Object.hasOwn(edited, attribute)) return { kind: 'user' }
  const times = identities
    .filter(({ connection }) => connection === source)
    .map(({ lastLoginAt }) => lastLoginAt.getTime())
  const at = times.length === 0 ? undefined : new Date(Math.max(...times))
  return { kind: 'connection', label: connectionLabel(parts.connections, tenant, source), at }
}
